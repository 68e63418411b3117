"""An error as the answer that fits its caller: a problem document for programs, a page in the shell for people."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from apps.core import errors, problems
from apps.core.api import is_api
from apps.core.errors import AtomError
from apps.gateway.pages import errors as error_pages

_BY_STATUS: dict[int, type[AtomError]] = {
    kind.status: kind
    for kind in (
        errors.InvalidInput,
        errors.Unauthorised,
        errors.Forbidden,
        errors.NotFound,
        errors.MethodNotAllowed,
        errors.NotAcceptable,
        errors.Conflict,
        errors.TooLarge,
        errors.UnsupportedMedia,
        errors.PolicyViolation,
        errors.LimitReached,
        errors.Unavailable,
    )
}


def answer(request: HttpRequest, error: AtomError) -> HttpResponse:
    """`error` for whoever asked."""
    if is_api(request):
        return problems.response_of(error, request)
    return error_pages.error_page(request, error)


def of_status(status: int) -> AtomError:
    """The error for an answer that came without one of ours (a 405 of Django, a 404 of the resolver)."""
    kind = _BY_STATUS.get(status)
    if kind is None:
        kind = AtomError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else errors.InvalidInput
    return kind()
