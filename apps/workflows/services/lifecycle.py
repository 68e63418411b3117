"""What tenancy asks of this app before a tenant goes: is anything at work, and please stop. The tenant is entered."""

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.tenant import require
from apps.workflows.models import WorkflowRun
from apps.workflows.services import runs


def count_unfinished() -> int:
    """Runs that wait or work."""
    return WorkflowRun.objects.unfinished().count()


def count_busy() -> int:
    """Runs that hold a slot: a worker may be in the middle of a step."""
    return WorkflowRun.objects.holding_slots(clock.now()).count()


def stop_all() -> None:
    """Ask every unfinished run to stop, on record; one that has just ended is none of ours."""
    actor = Actor.system(require(), "purge")
    for run_id in WorkflowRun.objects.unfinished().values_list("id", flat=True):
        try:
            runs.cancel(run_id, actor=actor)
        except Conflict:
            continue
