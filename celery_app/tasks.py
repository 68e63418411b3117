"""Tasks of the platform itself: delivering one wake-up to the handler its owner registered."""

from datetime import datetime
from uuid import UUID

import structlog

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.errors import NotFound
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.selectors import tenants
from apps.tenancy.services import sweeping
from apps.tenancy.services.wakeups import PLATFORM
from celery_app import wakeups
from celery_app.app import app

# What an unfinished piece of work waits for; looked at right after a worker's start.
NUDGED_KINDS = ["workflows.run"]
log = structlog.get_logger(__name__)


@app.task(name="wakeups.deliver", platform=True)  # type: ignore[untyped-decorator]
def deliver(wakeup_id: str, tenant_id: str, kind: str, ref: str, until: str, attempts: int) -> None:
    """Call the handler inside its tenant; the row is forgotten only after that, so a lost delivery comes again."""
    row, token = UUID(wakeup_id), datetime.fromisoformat(until)
    if not wakeups.still_claimed(row, token):
        return
    try:
        tenant = None if UUID(tenant_id) == PLATFORM else tenants.by_id(UUID(tenant_id))
    except NotFound as error:  # suspended, or on its way out: nothing is lost, nothing is wrong
        wakeups.postpone(row, token, now=clock.now(), attempts=attempts)
        log.info("wakeup.postponed", kind=kind, ref=ref, reason=error.message)
        return
    try:
        _call(tenant, kind, ref)
    except Exception:
        wakeups.postpone(row, token, now=clock.now(), attempts=attempts)
        log.warning("wakeup.failed", kind=kind, ref=ref, attempts=attempts)
        raise
    wakeups.finish(row, token)


@app.task(name="wakeups.nudge", platform=True)  # type: ignore[untyped-decorator]
def nudge() -> None:
    """Have all unfinished work looked at now instead of at the end of its leases, half-made tenants among it."""
    sweeping.begin()
    wakeups.nudge(NUDGED_KINDS, now=clock.now())


def _call(tenant: TenantRef | None, kind: str, ref: str) -> None:
    handler = registry.wakeup_handler(kind)
    if handler is None:
        raise LookupError(f"no handler is registered for wake-ups of kind {kind!r}")
    with tenant_context.entered(tenant):
        handler(ref, tenant)  # type: ignore[arg-type]  # rows of the platform carry no tenant
