"""Access and refresh tokens: JWT (RFC 7519) with the algorithm pinned; rotation with reuse detection (RFC 9700)."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import jwt
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from apps.core import clock
from apps.core.db import prepared
from apps.core.errors import Unauthorised
from apps.core.ids import new_id
from apps.tenancy.contracts import NOWHERE, Origin
from apps.tenancy.models import ApiLogin, Membership, RefreshToken
from apps.tenancy.services import signing_keys
from atom_project.config import config

LEEWAY_SECONDS: Final = 10
GRACE: Final = timedelta(seconds=10)  # an answer may get lost on the way: for so long the same one is given again
_REQUIRED: Final = ("exp", "iat", "iss", "aud", "sub", "tid", "mid", "ep", "sid")


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says; role and scopes are read from the membership, never from here."""

    user_id: UUID
    tenant_id: UUID
    membership_id: UUID
    epoch: int
    login_id: UUID


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login hands out."""

    token: str
    refresh_token: str
    expires_at: datetime


def epoch_of(membership: Membership) -> int:
    """Both epochs in one number: raising either voids every token."""
    return membership.user.epoch * 1_000_000 + membership.epoch


def issue(membership: Membership, *, origin: Origin = NOWHERE, is_strong: bool = False) -> TokenPair:
    """A new login of a program: an access token and a refresh token. The membership comes with its user.

    What a login writes, the line in the security log included, is one statement, so that a login costs little more than
    the hash of its password. It leaves the connection in the tenant.
    """
    login_id, refresh_token = new_id(), secrets.token_urlsafe(32)
    values: dict[str, Any] = {
        "now": clock.now(),
        "login": login_id,
        "membership": membership.id,
        "user": membership.user_id,
        "tenant": membership.tenant_id,
        "device": origin.device,
        "region": origin.region,
        "strong": is_strong,
        "refresh": new_id(),
        "hash": _hash(refresh_token),
        "expires": clock.now() + settings.REFRESH_TOKEN_LIFETIME,
        "event": new_id(),
    }
    prepared.execute(_LOGIN, values)
    prepared.entered(membership.tenant.ref)
    return _pair(membership, login_id, refresh_token)


_LOGIN: Final = f"""
WITH login AS (
  INSERT INTO public.tenancy_apilogin
         (id, created_at, updated_at, membership_id, device, region, is_strong, last_seen_at)
  VALUES (%(login)s, %(now)s, %(now)s, %(membership)s, %(device)s, %(region)s, %(strong)s, %(now)s)
), refresh AS (
  INSERT INTO public.tenancy_refreshtoken
         (id, created_at, updated_at, family, membership_id, token_hash, expires_at)
  VALUES (%(refresh)s, %(now)s, %(now)s, %(login)s, %(membership)s, %(hash)s, %(expires)s)
), person AS (
  UPDATE public.tenancy_user SET last_login = %(now)s WHERE id = %(user)s
), place AS (
  UPDATE public.tenancy_membership SET last_seen_at = %(now)s WHERE id = %(membership)s
), event AS (
  INSERT INTO public.tenancy_securityevent
         (id, created_at, updated_at, user_id, tenant_id, kind, outcome, device, region, detail)
  VALUES (%(event)s, %(now)s, %(now)s, %(user)s, %(tenant)s, 'login', 'ok', %(device)s, %(region)s, '')
)
SELECT {prepared.ENTERING} FROM public.tenancy_tenant t WHERE t.id = %(tenant)s
"""  # noqa: S608 - a constant of ours


def read(token: str) -> Claims:
    """The claims of a good access token; raises Unauthorised for any other, saying only whether it has expired."""
    try:
        claims, expires_at = _verified(token)
    except (jwt.InvalidTokenError, ValueError, KeyError, TypeError):
        raise Unauthorised("The token is not valid.", code="TOKEN_INVALID") from None
    if expires_at + LEEWAY_SECONDS <= clock.now().timestamp():
        raise Unauthorised(
            "The token has expired.", code="TOKEN_EXPIRED", next_steps=["POST /auth/refresh with the refresh token."]
        )
    return claims


@lru_cache(maxsize=4096)
def _verified(token: str) -> tuple[Claims, float]:
    """Claims and expiry of a token whose signature is good. Kept, since a signature does not change; the expiry is
    looked at every time, and so is the membership. What raises is not kept."""
    key = signing_keys.verifying(token)
    payload: dict[str, Any] = jwt.decode(
        token,
        key.key,
        algorithms=[key.algorithm],
        issuer=config.jwt_issuer,
        audience=config.jwt_audience,
        leeway=LEEWAY_SECONDS,
        options={"require": list(_REQUIRED), "verify_exp": False},
    )
    person, tenant, membership, login = (UUID(payload[name]) for name in ("sub", "tid", "mid", "sid"))
    return Claims(person, tenant, membership, int(payload["ep"]), login), float(payload["exp"])


def refresh(refresh_token: str, *, origin: Origin = NOWHERE) -> tuple[Membership, TokenPair]:
    """Rotate: a new pair for a fresh refresh token. A used one revokes its whole family.

    The successor follows from the token presented, so two calls at once, or a second one after an answer that was
    lost, get the same successor; only while nobody has used that one yet, and only for a few seconds.
    """
    with transaction.atomic():
        row = RefreshToken.objects.select_for_update().filter(token_hash=_hash(refresh_token)).first()
        outcome = _rotate(row, refresh_token, origin) if row else None
    if row is not None and outcome is None and row.used_at is not None and row.revoked_at is None:
        end_login(row.family)
        raise Unauthorised("This refresh token was used before; its login is revoked.", code="REFRESH_REUSED")
    if outcome is None:
        raise Unauthorised("The refresh token is not valid.", code="REFRESH_INVALID")
    return outcome


def _rotate(row: RefreshToken, refresh_token: str, origin: Origin) -> tuple[Membership, TokenPair] | None:
    now = clock.now()
    if row.revoked_at is not None or row.expires_at <= now:
        return None
    successor = _successor(refresh_token)
    if row.used_at is not None and not _answer_was_lost(row, successor, now):
        return None
    membership = Membership.objects.select_related("user", "tenant").filter(id=row.membership_id).first()
    if membership is None or not _may_enter(membership):
        return None
    if row.used_at is None:
        RefreshToken.objects.filter(id=row.id).update(used_at=now)
        _keep(membership, row.family, successor)
    ApiLogin.objects.filter(id=row.family).update(last_seen_at=now, region=origin.region)
    return membership, _pair(membership, row.family, successor)


def _answer_was_lost(row: RefreshToken, successor: str, now: datetime) -> bool:
    if row.used_at is None or row.used_at + GRACE < now:
        return False
    return RefreshToken.objects.filter(token_hash=_hash(successor), used_at=None, revoked_at=None).exists()


def _may_enter(membership: Membership) -> bool:
    return (
        membership.is_active
        and not membership.needs_proof
        and membership.user.is_active
        and membership.tenant.status == "active"
    )


def revoke_family(refresh_token: str) -> Membership | None:
    """Log out: no token of this login works any more. None when the token is unknown."""
    row = RefreshToken.objects.select_related("membership__tenant", "membership__user").filter(
        token_hash=_hash(refresh_token)
    )
    found = row.first()
    if found is None:
        return None
    end_login(found.family)
    return found.membership


def end_login(login_id: UUID) -> None:
    """End one login of a program: its refresh tokens and, at once, its access tokens."""
    now = clock.now()
    with transaction.atomic():
        ApiLogin.objects.filter(id=login_id, ended_at=None).update(ended_at=now)
        RefreshToken.objects.filter(family=login_id, revoked_at=None).update(revoked_at=now)


def end_logins_of(user_id: UUID) -> int:
    """End every login of a person's programs, in all tenants; answers how many."""
    now = clock.now()
    with transaction.atomic():
        RefreshToken.objects.filter(membership__user_id=user_id, revoked_at=None).update(revoked_at=now)
        return ApiLogin.objects.filter(membership__user_id=user_id, ended_at=None).update(ended_at=now)


def _pair(membership: Membership, login_id: UUID, refresh_token: str) -> TokenPair:
    now = clock.now()
    expires_at = now + settings.ACCESS_TOKEN_LIFETIME
    payload = {
        "iss": config.jwt_issuer,
        "aud": config.jwt_audience,
        "sub": str(membership.user_id),
        "tid": str(membership.tenant_id),
        "mid": str(membership.id),
        "ep": epoch_of(membership),
        "sid": str(login_id),
        "jti": str(new_id()),
        "iat": now,
        "nbf": now,
        "exp": expires_at,
    }
    return TokenPair(signing_keys.sign(payload), refresh_token, expires_at)


def _keep(membership: Membership, login_id: UUID, refresh_token: str) -> None:
    RefreshToken.objects.create(
        family=login_id,
        membership=membership,
        token_hash=_hash(refresh_token),
        expires_at=clock.now() + settings.REFRESH_TOKEN_LIFETIME,
    )


def _successor(refresh_token: str) -> str:
    digest = salted_hmac("atom.refresh", refresh_token, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
