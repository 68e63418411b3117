"""The hourly look after tenants: what a kill left half-made is finished or removed, each has its usage measured."""

from datetime import timedelta
from typing import Final

from django.db import connection

from apps.core import clock
from apps.core.tenant import TenantRef
from apps.tenancy.enums import PurgeState
from apps.tenancy.models import Purge
from apps.tenancy.services import metering, provisioning, wakeups
from atom_project.config import config

KIND: Final = "tenancy.sweep"
EVERY: Final = timedelta(hours=1)


def begin() -> None:
    """Due now, and from then on every hour; called when a worker starts."""
    wakeups.schedule_for_platform(KIND, clock.now())


def sweep(_ref: str, _tenant: TenantRef | None) -> None:
    """Wake-up handler. A process without the owner's address leaves the work to one that has it."""
    wakeups.schedule_for_platform(KIND, clock.now() + EVERY)
    if not config.postgres_admin_dsn.get_secret_value():
        return
    provisioning.sweep()
    _see_to_usage()
    for purge_id in Purge.objects.exclude(state=PurgeState.DONE).values_list("id", flat=True):
        wakeups.ensure_for_platform("tenancy.purge", str(purge_id))


def _see_to_usage() -> None:
    """Every active tenant has its hourly count in the list of what is due; one statement for those that lack it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)
            SELECT gen_random_uuid(), now(), now(), t.id, %s, '', now(), 0
              FROM public.tenancy_tenant t WHERE t.status = 'active'
            ON CONFLICT (tenant_id, kind, ref) DO NOTHING
            """,
            [metering.KIND],
        )
