"""Personal API tokens: made and shown once, stored hashed, with scopes of their owner's and an expiry.

A token is `atom_pat_`, 32 random characters, and 6 that check them (CRC-32), so that scanners of leaked secrets can
tell one from noise without asking anybody.
"""

import hashlib
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from apps.core.permissions import Scope
from apps.tenancy.contracts import NOWHERE, Origin
from apps.tenancy.models import Membership, PersonalToken
from apps.tenancy.services import security_log

PREFIX: Final = "atom_pat_"
MAX_DAYS: Final = 366
MAX_TOKENS: Final = 50
_ALPHABET: Final = string.ascii_letters + string.digits
_TOUCH_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh token: the only time its text is known."""

    row: PersonalToken
    text: str


def looks_like_one(text: str) -> bool:
    """Whether `text` is shaped like one of ours, its check characters included."""
    body = text.removeprefix(PREFIX)
    return text.startswith(PREFIX) and len(body) == 38 and body.isascii() and _check(body[:32]) == body[32:]


def make(actor: Actor, *, name: str, scopes: list[str], days: int, origin: Origin = NOWHERE) -> Made:
    """A token of the actor in their tenant; raises InvalidInput, or Forbidden for scopes they do not hold."""
    tenant = _by_a_person(actor)
    chosen = _checked_scopes(actor, scopes)
    if not name.strip() or not 1 <= days <= MAX_DAYS:
        raise InvalidInput(f"A token has a name and is good for 1 to {MAX_DAYS} days.")
    body = "".join(secrets.choice(_ALPHABET) for _ in range(32))
    text = PREFIX + body + _check(body)
    with trail.in_public():
        membership = Membership.objects.select_related("user").get(user_id=actor.person_id, tenant_id=tenant)
        if PersonalToken.objects.filter(membership=membership, revoked_at=None).count() >= MAX_TOKENS:
            raise Conflict(f"You have {MAX_TOKENS} tokens here; revoke one first.", code="TOO_MANY_TOKENS")
        row = PersonalToken.objects.create(
            membership=membership,
            name=name.strip()[:80],
            start=text[:14],
            token_hash=hash_of(text),
            scopes=chosen,
            expires_at=clock.now() + timedelta(days=days),
        )
        security_log.record("token.made", user_id=actor.id, tenant_id=tenant, origin=origin, detail=row.name)
        summary = {"scopes": chosen, "days": days}
        trail.record(actor, "token.made", object_type="personal_token", object_id=row.id, summary=summary)
    return Made(row, text)


def revoke(actor: Actor, token_id: UUID, *, origin: Origin = NOWHERE) -> None:
    """End a token: one's own, or as an admin any of the tenant's. NotFound for everybody else."""
    tenant = _by_a_person(actor)
    with trail.in_public():
        rows = PersonalToken.objects.filter(id=token_id, membership__tenant_id=tenant).select_related("membership")
        row = rows.first()
        if row is None or not (row.membership.user_id == actor.id or actor.has(Scope.MEMBERS_MANAGE)):
            raise NotFound("There is no such token.")
        rows.filter(revoked_at=None).update(revoked_at=clock.now())
        owner = row.membership.user_id
        security_log.record("token.revoked", user_id=owner, tenant_id=tenant, origin=origin, detail=row.name)
        trail.record(actor, "token.revoked", object_type="personal_token", object_id=row.id)


def touch(token_id: UUID, *, user_id: UUID, tenant_id: UUID, name: str, last_region: str, origin: Origin) -> None:
    """Note the use of a token: one write in ten minutes, and a line in the security log for a new network."""
    now = clock.now()
    rows = PersonalToken.objects.filter(id=token_id).exclude(last_used_at__gt=now - _TOUCH_EVERY)
    region = origin.region or last_region  # a socket's proof comes without an address
    if rows.update(last_used_at=now, last_region=region) and last_region != region:
        security_log.record("token.used", user_id=user_id, tenant_id=tenant_id, origin=origin, detail=name)


def is_stale(last_used_at: datetime | None) -> bool:
    """Whether a use should be noted; answered without a query."""
    return last_used_at is None or last_used_at < clock.now() - _TOUCH_EVERY


def hash_of(text: str) -> str:
    """How a token is stored; 190 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def _by_a_person(actor: Actor) -> UUID:
    if actor.tenant is None or actor.id is None or actor.kind is not ActorKind.USER:
        raise Forbidden("Tokens are managed by a person who is logged in, not by a token.", code="PERSON_NEEDED")
    return actor.tenant.id


def _checked_scopes(actor: Actor, scopes: list[str]) -> list[str]:
    unknown = set(scopes) - {str(scope) for scope in Scope}
    if unknown or not scopes:
        raise InvalidInput("Choose at least one scope, of those that exist.", code="UNKNOWN_SCOPE")
    missing = sorted(set(scopes) - actor.scopes)
    if missing:
        raise Forbidden("A token cannot hold what you do not hold.", extra={"missing_scopes": missing})
    return sorted(set(scopes))


def _check(body: str) -> str:
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, rest = divmod(value, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits
