"""Ties the realtime hub, which knows no app above it, to identity and audit. Called in threads of the hub."""

from datetime import UTC, datetime
from importlib import import_module
from uuid import UUID

import jwt
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.utils.crypto import constant_time_compare

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.core.ids import parse_id
from apps.realtime.contracts import Proof, SessionProof, SocketIdentity, TokenProof
from apps.tenancy.services import identity, page_logins

_sessions = import_module(settings.SESSION_ENGINE)


def prove(proof: Proof) -> SocketIdentity | None:
    """The caller behind a token or a session, by the same functions as requests; None when it does not hold."""
    try:
        return _of_token(proof) if isinstance(proof, TokenProof) else _of_session(proof)
    except AtomError:
        return None


def _of_token(proof: TokenProof) -> SocketIdentity:
    actor = identity.from_bearer(proof.token)
    # The signature was checked a line above; only the expiry is read here.
    claims = jwt.decode(proof.token, options={"verify_signature": False}) if proof.token.count(".") == 2 else {}
    expires = claims.get("exp")
    return SocketIdentity(actor, datetime.fromtimestamp(expires, UTC) if expires else None)


def _of_session(proof: SessionProof) -> SocketIdentity | None:
    if not proof.session_key:
        return None
    session = _sessions.SessionStore(proof.session_key)
    user_id: UUID | None = parse_id(str(session.get(SESSION_KEY, "")))
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first() if user_id else None
    if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    actor = identity.from_page(
        user.pk,
        proof.slug,
        is_strong=bool(session.get(page_logins.STRONG)),
        only_tenant=str(session.get(page_logins.ONLY_TENANT, "")),
    )
    return SocketIdentity(actor, session.get_expiry_date()) if actor else None


def record_publish(actor: Actor, *, topic: str, size: int) -> None:
    """A client's publish in the tenant's audit trail."""
    trail.record(actor, "realtime.published", object_type="topic", object_id=topic, summary={"bytes": size})
