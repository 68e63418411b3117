"""No write passes unrecorded: one that recorded nothing itself gets an entry here, a refused one its refusal.

Members go to their tenant's chain; operators and strangers to the platform's, strangers only so many a minute.
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.audit.admin import actor_of
from apps.audit.services import trail
from apps.core.actor import Actor
from apps.gateway.services import strangers

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_TOO_MANY: Final = 429
_OPERATORS: Final = "/admin/"


class RecordingMiddleware:
    """Stands inside identity, so that the entry goes to the chain of the actor's tenant."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Count the entries of the request and add the missing one."""
        if request.method not in _WRITES:
            return self.get_response(request)
        with trail.counted() as recorded:
            before = _actor(request) if request.path_info.startswith(_OPERATORS) else None
            response = self.get_response(request)
            if not recorded and response.status_code != _TOO_MANY:  # a flood must not fill the chain
                # Whoever logs out is nobody afterwards, whoever logs in was nobody before.
                _record(request, before or _actor(request), response.status_code)
        return response


def _record(request: HttpRequest, actor: Actor | None, status: int) -> None:
    if actor is None and not strangers.may_be_recorded(request.META.get("REMOTE_ADDR", "")):
        return
    match = request.resolver_match
    problem = getattr(request, "problem", None)
    trail.record(
        actor,
        f"request.{(request.method or '').lower()}",
        object_type="route",
        object_id=match.route if match else "unmatched",
        outcome=_outcome(actor, status),
        summary={"status": status, **({"reason": problem.code} if problem else {})},
    )


def _outcome(actor: Actor | None, status: int) -> str:
    if status >= 500:
        return "failed"
    # A stranger who is answered with the form again has not got in: the operators' login says 200 then.
    return "refused" if status >= 400 or (actor is None and status == 200) else "ok"


def _actor(request: HttpRequest) -> Actor | None:
    """The member, or on the operators' addresses the operator; a stranger otherwise."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None:
        return actor
    user = getattr(request, "user", None)
    return actor_of(request) if user is not None and user.is_authenticated and user.is_staff else None
