"""Claims on the public `wakeups` table: which rows are due, who has them for how long, and when they are done.

A claim is a lease and pushes the date to its end: a row that is neither finished nor moved comes back by itself, and
a date that somebody moved meanwhile is seen as such. Runs with no tenant entered.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from apps.core import tenant as tenant_context

LEASE = timedelta(seconds=60)
BACKOFF_S: tuple[int, ...] = (1, 4, 16, 60, 300, 900)


@dataclass(frozen=True, slots=True)
class Claim:
    """A due row in our hands until `until`, which is also the token that proves it."""

    id: UUID
    tenant_id: UUID
    kind: str
    ref: str
    until: datetime
    attempts: int


def claim_due(*, now: datetime, limit: int = 200, lease: timedelta = LEASE) -> list[Claim]:
    """Take what is due, longest overdue first. Two callers never get the same row; neither waits for the other.

    Rows of a tenant that is not active are left as they are: its schedules are held, and due at once on its return.
    """
    return [
        Claim(*row)
        for row in _rows(
            """
            WITH due AS (
                SELECT id FROM public.tenancy_wakeup w
                WHERE due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until <= %(now)s)
                  AND NOT EXISTS (SELECT FROM public.tenancy_tenant t
                                   WHERE t.id = w.tenant_id AND t.status <> 'active')
                ORDER BY due_at LIMIT %(limit)s FOR UPDATE OF w SKIP LOCKED
            )
            UPDATE public.tenancy_wakeup w
            SET claimed_until = %(until)s, due_at = %(until)s, attempts = w.attempts + 1, updated_at = %(now)s
            FROM due WHERE w.id = due.id
            RETURNING w.id, w.tenant_id, w.kind, w.ref, w.claimed_until, w.attempts
            """,
            {"now": now, "limit": limit, "until": now + lease},
        )
    ]


def still_claimed(wakeup_id: UUID, until: datetime) -> bool:
    """Whether this claim still holds; a delivery that comes after its lease finds out here."""
    return bool(
        _rows(
            "SELECT 1 FROM public.tenancy_wakeup WHERE id = %(id)s AND claimed_until = %(until)s",
            {"id": wakeup_id, "until": until},
        )
    )


def finish(wakeup_id: UUID, until: datetime) -> bool:
    """Forget a delivered row; False when it was moved to a new date meanwhile, which then holds."""
    deleted = _rows(
        "DELETE FROM public.tenancy_wakeup "
        "WHERE id = %(id)s AND claimed_until = %(until)s AND due_at >= %(until)s RETURNING id",
        {"id": wakeup_id, "until": until},
    )
    if not deleted:
        _let_go(wakeup_id, until, due_at=None)
    return bool(deleted)


def postpone(wakeup_id: UUID, until: datetime, *, now: datetime, attempts: int) -> None:
    """A delivery failed: the row comes back after a pause that grows with the attempts."""
    pause = timedelta(seconds=BACKOFF_S[min(max(attempts, 1), len(BACKOFF_S)) - 1])
    _let_go(wakeup_id, until, due_at=now + pause)


def release(claim: Claim, *, now: datetime) -> None:
    """The row could not even be handed to a worker; it is due again at once and the attempt does not count."""
    _rows(
        "UPDATE public.tenancy_wakeup SET claimed_until = NULL, due_at = least(due_at, %(now)s), "
        "attempts = greatest(attempts - 1, 0) WHERE id = %(id)s AND claimed_until = %(until)s RETURNING id",
        {"id": claim.id, "until": claim.until, "now": now},
    )


def nudge(kinds: list[str], *, now: datetime) -> int:
    """Make all rows of these kinds due at once: after a worker's start, so that what died with the last one goes on."""
    return len(
        _rows(
            "UPDATE public.tenancy_wakeup SET due_at = %(now)s, claimed_until = NULL "
            "WHERE kind = ANY(%(kinds)s) AND due_at > %(now)s RETURNING id",
            {"kinds": kinds, "now": now},
        )
    )


def _let_go(wakeup_id: UUID, until: datetime, *, due_at: datetime | None) -> None:
    """End a claim; `due_at` takes the place of the date the claim had set, never of one set by somebody else."""
    _rows(
        "UPDATE public.tenancy_wakeup SET claimed_until = NULL, "
        "due_at = CASE WHEN due_at >= %(until)s THEN coalesce(%(due_at)s::timestamptz, due_at) ELSE due_at END "
        "WHERE id = %(id)s AND claimed_until = %(until)s RETURNING id",
        {"id": wakeup_id, "until": until, "due_at": due_at},
    )


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with tenant_context.entered(None), connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
