"""No write passes unrecorded: one that recorded nothing itself gets an entry here, a refused one its refusal."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.audit.services import trail

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class RecordingMiddleware:
    """Stands inside identity, so that the entry goes to the chain of the actor's tenant."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Count the entries of the request and add the missing one."""
        if request.method not in _WRITES:
            return self.get_response(request)
        with trail.counted() as recorded:
            response = self.get_response(request)
            if not recorded:
                _record(request, response.status_code)
        return response


def _record(request: HttpRequest, status: int) -> None:
    match = request.resolver_match
    route = match.route if match else "unmatched"
    actor = getattr(request, "actor", None)
    problem = getattr(request, "problem", None)
    if actor is None or status == 429:
        return  # strangers change nothing (logins record themselves), and a flood must not fill the chain
    trail.record(
        actor,
        f"request.{(request.method or '').lower()}",
        object_type="route",
        object_id=route,
        outcome="ok" if status < 400 else "refused" if status < 500 else "failed",
        summary={"status": status, **({"reason": problem.code} if problem else {})},
    )
