"""Errors of the page door: 400 to 500 in the shell (or outside it for strangers), with the request id and a way on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix

from apps.core import problems
from apps.core.api import is_api
from apps.core.errors import AtomError, Forbidden, InvalidInput, NextStep, NotFound, Unauthorised
from apps.core.pages import wants_fragment


def error_page(request: HttpRequest, error: AtomError) -> HttpResponse:
    """`error` as a page, as a fragment for htmx, or as a problem document for programs."""
    if is_api(request) or _wants_json(request) or wants_fragment(request):
        return problems.response_of(error, request)
    inside = getattr(request, "actor", None) is not None
    context = {
        "error": error,
        "layout": "base.html" if inside else "door.html",
        "steps": error.next_steps or default_steps(error),
    }
    response = render(request, "errors/error.html", context, status=error.status)
    for name, value in error.headers.items():
        response[name] = value
    return response


def default_steps(error: AtomError) -> tuple[NextStep, ...]:
    """A way on where the error itself names none."""
    home = get_script_prefix()
    if isinstance(error, Unauthorised):
        return (NextStep("Log in", "/login"),)
    if isinstance(error, Forbidden):
        return (NextStep("Back to the home page", home), NextStep("Switch workspace", "/tenants"))
    return (NextStep("Back to the home page", home),)


def _wants_json(request: HttpRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    return "text/html" not in accepted and "json" in accepted


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    """handler400."""
    return error_page(request, InvalidInput("The request is malformed."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    return error_page(request, _family(exception, Forbidden("You may not do this.")))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """handler404."""
    return error_page(request, NotFound("There is no page at this address, or it is not yours to see."))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500."""
    return error_page(request, AtomError("Something failed on our side. It has been logged under this request id."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form sent without, or with an old, token: say so and offer the way back."""
    error = Forbidden(
        "This form has expired, or it was not sent from our own page. Nothing was changed.",
        code="CSRF_FAILED",
        next_steps=[NextStep("Reload the page and send the form again", request.get_full_path())],
    )
    return error_page(request, error)


def _family(exception: Exception | None, fallback: AtomError) -> AtomError:
    return exception if isinstance(exception, AtomError) else fallback
