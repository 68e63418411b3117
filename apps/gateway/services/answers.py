"""Idempotency keys: claim a key before the work, keep its answer after it, answer a repetition from what was kept.

1. The claim is an INSERT that does nothing when the key exists: of two equal requests at once, one works.
2. The same key with another request is refused; with the same request under way, refused with Retry-After.
3. Server errors and limits are not kept, so they can be tried again; an abandoned claim is taken over after 5 minutes.
"""

import hashlib
import hmac
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from apps.core import clock
from apps.core.errors import Conflict
from apps.gateway.models import KeptAnswer
from apps.gateway.models.answers import AnswerState
from atom_project.config import config

KEEP: Final = timedelta(hours=24)
ABANDONED: Final = timedelta(minutes=5)
MAX_BODY: Final = 1024 * 1024
_SWEEP_ONE_IN: Final = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """A key to work under, or (`kept` set) one that was answered before."""

    id: UUID
    kept: KeptAnswer | None = None


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same one. Keyed: a body may hold a password, which a plain hash lets one guess."""
    text = b"\0".join((method.encode(), path.encode(), body))
    return hmac.new(config.jwt_secret.get_secret_value().encode(), text, hashlib.sha256).hexdigest()


def claim(actor_id: UUID, key: str, request_hash: str) -> Claim:
    """The right to work under this key, or its kept answer; raises Conflict (reused key, still under way)."""
    _sweep()
    row = KeptAnswer(actor_id=actor_id, key=key, request_hash=request_hash, expires_at=clock.now() + KEEP)
    KeptAnswer.objects.bulk_create([row], ignore_conflicts=True)
    found = KeptAnswer.objects.filter(actor_id=actor_id, key=key).first()
    if found is None or found.id == row.id:
        return Claim(row.id)
    if found.expires_at <= clock.now():
        KeptAnswer.objects.filter(id=found.id, expires_at=found.expires_at).delete()
        return claim(actor_id, key, request_hash)
    if found.request_hash != request_hash:
        raise Conflict("This Idempotency-Key was used for another request.", code="IDEMPOTENCY_KEY_REUSED")
    if found.state == AnswerState.DONE:
        return Claim(found.id, found)
    return _take_over(found)


def _take_over(found: KeptAnswer) -> Claim:
    """A claim whose worker died is free after a while; compare-and-set, so one taker wins."""
    stale = clock.now() - ABANDONED
    if found.updated_at > stale or not KeptAnswer.objects.filter(id=found.id, updated_at=found.updated_at).update(
        updated_at=clock.now()
    ):
        raise Conflict(
            "The first request with this Idempotency-Key is still under way.",
            code="IDEMPOTENCY_IN_PROGRESS",
            headers={"Retry-After": "2"},
        )
    return Claim(found.id)


def keep(claimed: Claim, *, status: int, content_type: str, body: bytes | None) -> None:
    """Keep the answer; `body=None` keeps only that it was answered (a secret is never stored)."""
    KeptAnswer.objects.filter(id=claimed.id).update(
        state=AnswerState.DONE, status=status, content_type=content_type[:100], body=body, updated_at=clock.now()
    )


def give_back(claimed: Claim) -> None:
    """The work failed in a way worth trying again: the key is free."""
    KeptAnswer.objects.filter(id=claimed.id, state=AnswerState.RUNNING).delete()


def _sweep() -> None:
    """Now and then, forget what has expired."""
    if random.randrange(_SWEEP_ONE_IN) == 0:  # noqa: S311 - spreads the work, guards nothing
        KeptAnswer.objects.filter(expires_at__lt=clock.now()).delete()
