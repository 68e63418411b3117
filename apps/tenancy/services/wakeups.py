"""Wake-ups: written in the tenant's own transaction, so that none is lost and none comes for work rolled back."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from apps.core import clock
from apps.core.ids import new_id
from apps.core.tenant import require

PLATFORM: Final = UUID(int=0)
"""Whose wake-ups those are that belong to no tenant."""


def schedule(kind: str, due_at: datetime, ref: str = "") -> None:
    """Call the handler of `kind` with `ref` at `due_at` for the current tenant; a second call moves the date."""
    _upsert(kind, due_at, ref)


def schedule_now(kind: str, ref: str = "") -> None:
    """The same, due at once."""
    _upsert(kind, clock.now(), ref)


def schedule_for_platform(kind: str, due_at: datetime, ref: str = "") -> None:
    """The same for work outside every tenant."""
    _upsert(kind, due_at, ref, tenant_id=PLATFORM)


def ensure_for_platform(kind: str, ref: str = "") -> None:
    """Due now, unless a date is set already (which stays, also while a worker is at it)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)
            VALUES (%s, now(), now(), %s, %s, %s, now(), 0) ON CONFLICT (tenant_id, kind, ref) DO NOTHING
            """,
            [new_id(), PLATFORM, kind, ref],
        )


def cancel(kind: str, ref: str = "") -> None:
    """Forget the wake-up of (kind, ref) of the current tenant, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM public.tenancy_wakeup WHERE tenant_id = %s AND kind = %s AND ref = %s",
            [require().id, kind, ref],
        )


def _upsert(kind: str, due_at: datetime, ref: str, *, tenant_id: UUID | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)
            VALUES (%s, now(), now(), %s, %s, %s, %s, 0)
            ON CONFLICT (tenant_id, kind, ref)
            DO UPDATE SET due_at = excluded.due_at, claimed_until = NULL, attempts = 0, updated_at = now()
            """,
            [new_id(), tenant_id or require().id, kind, ref, due_at],
        )
