"""Request rates of members and tenants on program doors: 429 with Retry-After, RateLimit headers on every answer.

A view that runs a statement of its caller says `executes`: its slot is taken in the same question to Redis.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.core.api import is_api
from apps.core.errors import LimitReached
from apps.gateway.services import metrics, refusals
from apps.policies.services import limits

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class LimitsMiddleware:
    """Stands inside identity: it counts by member and tenant."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Say on the answer what is left."""
        try:
            response = self.get_response(request)
        finally:
            limits.reclaim()
        admission: limits.Admission | None = getattr(request, "admission", None)
        if admission is not None:
            for name, value in admission.headers().items():
                response.headers.setdefault(name, value)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Count the request; a view that asks a model says `is_prompt`."""
        actor = getattr(request, "actor", None)
        if actor is None or actor.tenant is None or not is_api(request):
            return None
        door = getattr(view, "cls", view)
        prompts, executes = bool(getattr(door, "is_prompt", False)), bool(getattr(door, "executes", False))
        try:
            admission = limits.admit(actor, prompts=prompts, executes=executes)
        except LimitReached as error:
            request.problem = error  # type: ignore[attr-defined]  # for the access log
            metrics.refused("rate_limit")
            return refusals.answer(request, error)
        if admission.slot is not None:
            limits.lend(admission.slot)
        request.admission = admission  # type: ignore[attr-defined]  # for __call__
        return None
