"""Announcing domain events in the transaction of the change they tell of."""

from typing import Any

from django.db import connection, transaction

from apps.audit.models import OutboxEvent
from apps.core import redaction
from apps.core import tenant as tenant_context
from apps.core.ids import new_id

NO_TENANT = "00000000-0000-0000-0000-000000000000"


def announce(event_name: str, payload: dict[str, Any]) -> None:
    """Write the event to the outbox; subscribers get it after commit, at least once, in order per tenant."""
    tenant = tenant_context.current()
    clean = redaction.clean_json(payload, shown_to=tenant.id if tenant else None)
    with transaction.atomic():
        OutboxEvent.objects.create(name=event_name, payload=clean)
        _wake()


def _wake() -> None:
    tenant = tenant_context.current()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)
            VALUES (%s, now(), now(), %s, 'outbox', '', now(), 0)
            ON CONFLICT (tenant_id, kind, ref) DO UPDATE SET due_at = least(tenancy_wakeup.due_at, excluded.due_at)
            """,
            [new_id(), tenant.id if tenant else NO_TENANT],
        )
