"""Workflows for programs: runs, the queue, cancel, retry, recover, dead letters."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import paging
from apps.core.api import AtomView
from apps.core.permissions import Scope
from apps.workflows.api import shapes
from apps.workflows.enums import RecoverAction
from apps.workflows.models import WorkflowRun
from apps.workflows.selectors import runs as reads
from apps.workflows.services import requeue
from apps.workflows.services import runs as writes


class RunListView(AtomView):
    """`GET /api/v1/workflows/runs`."""

    required_scope = Scope.WORKFLOW_READ

    @extend_schema(tags=["workflows"], parameters=[], responses={200: shapes.RunPageOut})
    def get(self, request: Request) -> Response:
        """Runs, newest first."""
        query = self.query(shapes.RunFilter)
        rows = reads.list_runs(self.actor, status=query.status or "", flow=query.flow, search=query.search)
        found = paging.paginate(rows, cursor=query.cursor, limit=query.limit)
        places = reads.places()
        return Response(paging.as_json(found, lambda run: shapes.run_json(run, places.get(run.id))))


class RunView(AtomView):
    """`GET /api/v1/workflows/runs/{workflow_id}`."""

    required_scope = Scope.WORKFLOW_READ

    @extend_schema(tags=["workflows"], responses={200: shapes.RunDetailOut})
    def get(self, request: Request, workflow_id: UUID) -> Response:
        """A run with its steps and timeline."""
        run = reads.get_run_for(self.actor, workflow_id)
        return Response(_detail(run))


class CancelView(AtomView):
    """`POST /api/v1/workflows/{workflow_id}/cancel`."""

    required_scope = Scope.WORKFLOW_OPERATE

    @extend_schema(tags=["workflows"], request=None, responses={202: shapes.RunDetailOut})
    def post(self, request: Request, workflow_id: UUID) -> Response:
        """Ask a run to stop; what runs stops at its next look."""
        writes.cancel(workflow_id, actor=self.actor)
        return Response(_detail(reads.get_run_for(self.actor, workflow_id)), status=202)


class RetryView(AtomView):
    """`POST /api/v1/workflows/retry`."""

    required_scope = Scope.WORKFLOW_OPERATE

    @extend_schema(tags=["workflows"], request=shapes.RetryBody, responses={202: shapes.RunDetailOut})
    def post(self, request: Request) -> Response:
        """Send a failed run on from its failed step."""
        body = self.parse(shapes.RetryBody)
        action = RecoverAction.RETRY_WITH_SAMPLING if body.sampling else RecoverAction.RETRY
        writes.recover(body.workflow_id, action, actor=self.actor)
        return Response(_detail(reads.get_run_for(self.actor, body.workflow_id)), status=202)


class RecoverView(AtomView):
    """`POST /api/v1/workflows/{workflow_id}/recover`."""

    required_scope = Scope.WORKFLOW_OPERATE

    @extend_schema(tags=["workflows"], request=shapes.RecoverBody, responses={202: shapes.RunDetailOut})
    def post(self, request: Request, workflow_id: UUID) -> Response:
        """Retry, retry on a sample, or skip and continue."""
        body = self.parse(shapes.RecoverBody)
        writes.recover(workflow_id, body.action, actor=self.actor, step=body.step)
        return Response(_detail(reads.get_run_for(self.actor, workflow_id)), status=202)


class QueueView(AtomView):
    """`GET /api/v1/workflows/queue`."""

    required_scope = Scope.WORKFLOW_READ

    @extend_schema(tags=["workflows"], responses={200: shapes.QueueOut})
    def get(self, request: Request) -> Response:
        """Who holds a slot, who waits and in which order."""
        queue = reads.read_queue(self.actor)
        return Response(
            {
                "limit": queue.limit,
                "running": [shapes.run_json(run, None) for run in queue.running],
                "waiting": [shapes.run_json(run, place) for place, run in queue.waiting],
            }
        )


class DeadLetterListView(AtomView):
    """`GET /api/v1/workflows/dead-letters`."""

    required_scope = Scope.WORKFLOW_READ

    @extend_schema(tags=["workflows"], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Dead letters, newest first."""
        query = self.query(shapes.DeadLetterFilter)
        rows = reads.list_dead_letters(self.actor, since=query.since, until=query.until)
        found = paging.paginate(rows, cursor=query.cursor, limit=query.limit)
        return Response(paging.as_json(found, shapes.dead_letter_json))


class RequeueView(AtomView):
    """`POST /api/v1/workflows/dead-letters/{letter_id}/requeue`."""

    required_scope = Scope.WORKFLOW_OPERATE

    @extend_schema(tags=["workflows"], request=None, responses={202: shapes.RunDetailOut})
    def post(self, request: Request, letter_id: UUID) -> Response:
        """Send the run of a dead letter on."""
        run = requeue.requeue_dead_letter(letter_id, actor=self.actor)
        return Response(_detail(reads.get_run_for(self.actor, run.id)), status=202)


def _detail(run: WorkflowRun) -> dict[str, Any]:
    return shapes.detail_json(run, reads.place_of(run), reads.steps_of(run), reads.timeline_of(run))
