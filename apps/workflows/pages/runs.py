"""Pages of runs: the list with the queue, one run with its steps, cancel and recover."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core import paging
from apps.core.errors import InvalidInput
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.workflows.engine.queue import MAX_RUNNING
from apps.workflows.enums import RecoverAction, RunStatus
from apps.workflows.pages.contexts import ListContext, lines_of, run_context
from apps.workflows.selectors import runs as reads
from apps.workflows.services import runs as writes

PAGE_SIZE = 25


@require_safe
@page(scope=Scope.WORKFLOW_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`operations/workflows/`."""
    actor = request.actor  # type: ignore[attr-defined]
    chosen = {name: request.GET.get(name, "").strip()[:80] for name in ("status", "flow", "search")}
    status = chosen["status"] if chosen["status"] in set(RunStatus) else ""
    rows = reads.list_runs(actor, status=status, flow=chosen["flow"], search=chosen["search"])
    found = paging.paginate(rows, cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    queue = reads.read_queue(actor)
    lines = lines_of(found.items)
    topics = [line.topic for line in lines if not line.run.is_finished]
    context = ListContext(
        lines=lines,
        next_cursor=found.next_cursor,
        statuses=tuple(RunStatus),
        chosen=chosen,
        running=len(queue.running),
        waiting=len(queue.waiting),
        limit=MAX_RUNNING,
        topics=topics,
        is_filtered=any(chosen.values()),
        is_live=bool(topics or queue.waiting or queue.running),
    )
    return render_page(request, "workflows/list.html", context, fragment="workflows/partials/_runs.html")


@require_safe
@page(scope=Scope.WORKFLOW_READ)
def detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """`operations/workflows/<id>/`."""
    actor = request.actor  # type: ignore[attr-defined]
    context = run_context(actor, reads.get_run_for(actor, run_id))
    return render_page(request, "workflows/run.html", context, fragment="workflows/partials/_run.html")


@require_POST
@page(scope=Scope.WORKFLOW_OPERATE)
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponseBase:
    """`operations/workflows/<id>/cancel`."""
    writes.cancel(run_id, actor=request.actor)  # type: ignore[attr-defined]
    return _to_run(run_id)


@require_POST
@page(scope=Scope.WORKFLOW_OPERATE)
def recover(request: HttpRequest, run_id: UUID) -> HttpResponseBase:
    """`operations/workflows/<id>/recover`."""
    wanted = request.POST.get("action", "")
    if wanted not in set(RecoverAction):
        raise InvalidInput("Choose one of the ways on.")
    writes.recover(run_id, RecoverAction(wanted), actor=request.actor)  # type: ignore[attr-defined]
    return _to_run(run_id)


def _to_run(run_id: UUID) -> HttpResponseRedirect:
    response = HttpResponseRedirect(reverse("workflows:run", args=[run_id]))
    response.status_code = 303
    return response
