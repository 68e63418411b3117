"""The second, simpler watcher: re-reads unfinished runs and kicks what should have moved by now."""

from datetime import timedelta

import structlog

from apps.core import clock
from apps.core.tenant import TenantRef
from apps.tenancy.services import wakeups
from apps.workflows.enums import RunStatus
from apps.workflows.models import WorkflowRun
from apps.workflows.services import recovery

WAKEUP = "workflows.audit"
EVERY = timedelta(minutes=5)
STILL = timedelta(minutes=5)
BATCH = 100
log = structlog.get_logger(__name__)


def watch() -> None:
    """Make sure that the tenant is audited while it has unfinished runs; a date that is set already stays."""
    if WorkflowRun.objects.unfinished()[:2].count() <= 1:
        _come_again()


def _come_again() -> None:
    wakeups.schedule(WAKEUP, clock.now() + EVERY)


def audit(_ref: str, tenant: TenantRef) -> None:
    """Handler of the wake-up `workflows.audit`: comes again while anything is unfinished."""
    still = WorkflowRun.objects.unfinished().exclude(status=RunStatus.WAITING_UPSTREAM)
    for run in still.filter(updated_at__lt=clock.now() - STILL).order_by("updated_at")[:BATCH]:
        log.warning("workflow.kicked_by_auditor", run_id=str(run.id), status=run.status)
        recovery.look(str(run.id), tenant)
    if WorkflowRun.objects.unfinished().exists():
        _come_again()
