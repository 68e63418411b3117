"""Outermost: the request id, one line in the access log, latency by route, and every error in its one shape."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.audit.services import trail
from apps.core import components, problems
from apps.core.api import is_api
from apps.core.ids import new_id
from apps.gateway.engine import request_ids
from apps.gateway.services import access_log, metrics, refusals

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_QUIET = frozenset({"/health", "/ready", "/metrics"})


class RequestMiddleware:
    """Wraps the whole handling of a request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with `X-Request-ID`, counted and logged."""
        started = time.perf_counter()
        request_id = request_ids.accepted(request.META.get("HTTP_X_REQUEST_ID", "")) or str(new_id())
        request.request_id = request_id  # type: ignore[attr-defined]  # read by every door below
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        stand_ins = components.watch_stand_ins()
        path = request.path_info
        with trail.asked_from(request.META.get("REMOTE_ADDR", "")):
            response = self.get_response(request)
        if response.status_code >= 400:
            response = _in_one_shape(request, response)
        response["X-Request-ID"] = request_id
        _account(request, response, path, stand_ins, time.perf_counter() - started)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """What a page or plain view raises, as an answer; API views have their own handler of the same family."""
        ours = problems.from_exception(error)
        request.problem = ours  # type: ignore[attr-defined]  # for the audit of refusals and the access log
        return refusals.answer(request, ours)


def _in_one_shape(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Errors that Django itself worded become problem documents for programs."""
    content_type = response.headers.get("Content-Type", "")
    if content_type.startswith(problems.CONTENT_TYPE) or not is_api(request):
        return response
    if response.streaming or content_type.startswith("application/json"):
        return response  # a readiness body, an answer in a shape that its route documents
    ours = problems.response_of(refusals.of_status(response.status_code), request)
    for name in ("Allow", "WWW-Authenticate", "Retry-After"):
        if name in response.headers:
            ours[name] = response.headers[name]
    return ours


def _account(request: HttpRequest, response: HttpResponseBase, path: str, stand_ins: set[str], seconds: float) -> None:
    match = request.resolver_match
    route = match.route if match else "unmatched"
    status = response.status_code
    metrics.answered(method=request.method or "", route=route, status=status, seconds=seconds)
    if stand_ins:
        metrics.simulated(route, stand_ins)
    if path in _QUIET:
        return
    actor = getattr(request, "actor", None)
    problem = getattr(request, "problem", None)
    access_log.write(
        {
            "request_id": request.request_id,  # type: ignore[attr-defined]
            "method": request.method,
            "path": route if match and "token" in match.kwargs else path,  # a signed address is a key
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "tenant": actor.tenant.slug if actor and actor.tenant else None,
            "actor_id": actor.id if actor else None,
            "code": problem.code if problem else None,
            "address": request.META.get("REMOTE_ADDR"),
        }
    )
