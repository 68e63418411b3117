"""Access and refresh tokens: JWT (RFC 7519) with the algorithm pinned; rotation with reuse detection."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from django.db import transaction

from apps.core import clock
from apps.core.errors import Unauthorised
from apps.core.ids import new_id
from apps.tenancy.models import Membership, RefreshToken
from atom_project.config import config

ALGORITHM = "HS256"
ISSUER = "atom"
LEEWAY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says; role and scopes are read from the membership, never from here."""

    user_id: UUID
    tenant_id: UUID
    membership_id: UUID
    epoch: int


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login hands out."""

    token: str
    refresh_token: str
    expires_at: datetime


def epoch_of(membership: Membership) -> int:
    """Both epochs in one number: raising either voids every token."""
    return membership.user.epoch * 1_000_000 + membership.epoch


def issue(membership: Membership, *, family: UUID | None = None) -> TokenPair:
    """A new access token and a refresh token (of `family`, else of a new one). Membership comes with its user."""
    now = clock.now()
    expires_at = now + settings.ACCESS_TOKEN_LIFETIME
    payload = {
        "iss": ISSUER,
        "sub": str(membership.user_id),
        "tid": str(membership.tenant_id),
        "mid": str(membership.id),
        "ep": epoch_of(membership),
        "jti": str(new_id()),
        "iat": now,
        "exp": expires_at,
    }
    token = jwt.encode(payload, config.jwt_secret.get_secret_value(), algorithm=ALGORITHM)
    refresh = secrets.token_urlsafe(48)
    RefreshToken.objects.create(
        family=family or new_id(),
        membership=membership,
        token_hash=_hash(refresh),
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )
    return TokenPair(token, refresh, expires_at)


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
    payload: dict[str, Any] = jwt.decode(
        token,
        config.jwt_secret.get_secret_value(),
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        leeway=LEEWAY_SECONDS,
        options={"require": ["exp", "iat", "sub", "tid", "mid", "ep"], "verify_exp": False},
    )
    claims = Claims(UUID(payload["sub"]), UUID(payload["tid"]), UUID(payload["mid"]), int(payload["ep"]))
    return claims, float(payload["exp"])


def refresh(refresh_token: str) -> tuple[Membership, TokenPair]:
    """Rotate: a new pair for a fresh refresh token. A used one revokes its whole family (RFC 9700, 4.14.2)."""
    unknown = Unauthorised("The refresh token is not valid.", code="REFRESH_INVALID")
    with transaction.atomic():
        row = RefreshToken.objects.select_for_update().filter(token_hash=_hash(refresh_token)).first()
        reused = row is not None and row.used_at is not None
        if row is not None and reused:
            RefreshToken.objects.filter(family=row.family).update(revoked_at=clock.now())
        elif row is not None and row.revoked_at is None and row.expires_at > clock.now():
            row.used_at = clock.now()
            row.save(update_fields=["used_at", "updated_at"])
            membership = Membership.objects.select_related("user", "tenant").get(id=row.membership_id)
            if membership.is_active and membership.user.is_active and membership.tenant.status == "active":
                return membership, issue(membership, family=row.family)
    if reused:
        raise Unauthorised("This refresh token was used before; its login is revoked.", code="REFRESH_REUSED")
    raise unknown


def revoke_family(refresh_token: str) -> bool:
    """Log out: no token of this login's family works any more. False when the token is unknown."""
    row = RefreshToken.objects.filter(token_hash=_hash(refresh_token)).first()
    if row is None:
        return False
    RefreshToken.objects.filter(family=row.family, revoked_at=None).update(revoked_at=clock.now())
    return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
