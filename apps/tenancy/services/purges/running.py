"""Doing a purge, in a worker: every step may be repeated, so a kill anywhere is followed by going on.

1. Count what is there (once). 2. Stop what is at work. 3. Move the audit trail to `public`, people forgotten.
4. Undo provisioning: studio database, roles, schema, key, files. 5. Remove the rest of every store.
6. Count again: unless all is zero the purge is not done. 7. Sign the receipt.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import structlog
from django.utils.module_loading import import_string

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, Unavailable
from apps.core.redaction import redact_text
from apps.core.tenant import TenantRef
from apps.realtime.services import publisher
from apps.tenancy import registry
from apps.tenancy.enums import PurgeState
from apps.tenancy.models import Purge, Tenant
from apps.tenancy.services import provisioning
from apps.tenancy.services.migrations.connections import connect, patient
from apps.tenancy.services.purges import keeping, receipts, stores
from atom_project.config import config

log = structlog.get_logger(__name__)
WAIT_FOR_WORK_SECONDS: Final = 30.0
WAIT_FOR_THE_KILLED: Final = "2s"
"""The server lets go of a killed worker's lock when it notices, not at once."""
GIVE_UP_AFTER: Final = 6


def run(ref: str, _tenant: TenantRef | None = None) -> None:
    """Wake-up handler: bring the purge `ref` to its end; raises so that it is tried again when it cannot."""
    if not config.postgres_admin_dsn.get_secret_value():
        raise Unavailable("A purge needs POSTGRES_ADMIN_DSN; this process has none.")
    with tenant_context.entered(None), _alone(ref):
        purge = Purge.objects.filter(id=ref).first()
        if purge is None or purge.is_done:
            return
        try:
            _carry_out(purge)
        except Exception as error:
            _note_failure(purge, error)
            raise


@contextmanager
def _alone(ref: str) -> Iterator[None]:
    """One worker at a time: the lock is the session's, so it ends soon after the process that held it."""
    with connect() as raw:
        with patient(raw, WAIT_FOR_THE_KILLED, Conflict("Another worker is at this purge.")):
            raw.execute("SELECT pg_advisory_lock(hashtext('atom.purge'), hashtext(%s))", [ref])
        yield


def _carry_out(purge: Purge) -> None:
    tenant = ref_of(purge)
    if not purge.counted:
        _step(purge, PurgeState.STOPPING, counted=stores.count_all(tenant))
    _stop_work(tenant)
    publisher.close_sockets(tenant.id, reason="purged")
    _step(purge, PurgeState.REMOVING)
    if "audit" not in purge.receipt:
        _step(purge, PurgeState.REMOVING, receipt={"audit": keeping.keep_audit(tenant)})
    provisioning.unmake(tenant)
    stores.remove_all(tenant)
    _step(purge, PurgeState.VERIFYING)
    left = stores.count_all(tenant)
    if not stores.is_clean(left):
        raise Conflict(f"Something is left: {receipts.shown(left)}", code="PURGE_INCOMPLETE")
    _finish(purge, left)


def _finish(purge: Purge, left: dict[str, stores.Counts]) -> None:
    with trail.unit_of_work():
        purge.finished_at = clock.now()
        receipt = receipts.compose(purge, left)
        _step(purge, PurgeState.DONE, receipt=receipt, problem="", finished_at=purge.finished_at, asked_by=None)
        trail.record(
            Actor.system(None, "purge"), "tenant.purged", object_type="tenant", object_id=purge.tenant_id,
            sha256=receipt["sha256"], summary={"purge": str(purge.id)},
        )  # fmt: skip
    log.info("tenant_purged", purge=str(purge.id), tenant=str(purge.tenant_id))


def ref_of(purge: Purge) -> TenantRef:
    """The tenant as it was: its row may be gone already."""
    return TenantRef(purge.tenant_id, purge.slug, purge.slug, purge.schema_name, purge.role_name)


def _stop_work(tenant: TenantRef) -> None:
    """Ask everything at work to stop, and wait a while for steps that are in the middle of something."""
    if not Tenant.objects.filter(id=tenant.id).exists() or not _has_schema(tenant):
        return
    with tenant_context.entered(tenant):
        for activity in registry.activities():
            import_string(activity.stop)()
        deadline = time.monotonic() + WAIT_FOR_WORK_SECONDS
        while any(import_string(each.busy)() for each in registry.activities()) and time.monotonic() < deadline:
            time.sleep(0.2)


def _has_schema(tenant: TenantRef) -> bool:
    return bool(stores.count_cluster(tenant)["schemas"])


def _step(purge: Purge, state: PurgeState, **fields: Any) -> None:
    for name, value in {"state": state, **fields}.items():
        setattr(purge, name, value)
    purge.save(update_fields=["state", "updated_at", *fields])


def _note_failure(purge: Purge, error: Exception) -> None:
    attempts = purge.attempts + 1
    state = PurgeState.FAILED if attempts >= GIVE_UP_AFTER else purge.state
    problem = redact_text(f"{type(error).__name__}: {error}")[:500]
    Purge.objects.filter(id=purge.id).update(attempts=attempts, state=state, problem=problem)
    log.warning("purge_failed", purge=str(purge.id), attempts=attempts, error=problem)
