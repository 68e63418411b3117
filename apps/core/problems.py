"""Errors as `application/problem+json` (RFC 9457): one shape for every door, no stack trace, SQL or path of ours."""

from typing import Any

import orjson
import pydantic
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError
from rest_framework import exceptions as drf
from rest_framework.response import Response

from apps.core import codes, errors, redaction
from apps.core.errors import AtomError, NextStep

log = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"

_DRF_ERRORS: dict[type[drf.APIException], type[AtomError]] = {
    drf.NotAuthenticated: errors.Unauthorised,
    drf.AuthenticationFailed: errors.Unauthorised,
    drf.PermissionDenied: errors.Forbidden,
    drf.NotFound: errors.NotFound,
    drf.MethodNotAllowed: errors.MethodNotAllowed,
    drf.NotAcceptable: errors.NotAcceptable,
    drf.UnsupportedMediaType: errors.UnsupportedMedia,
    drf.Throttled: errors.LimitReached,
    drf.ParseError: errors.InvalidInput,
    drf.ValidationError: errors.InvalidInput,
}


def from_exception(error: Exception) -> AtomError:
    """The error of our family that tells `error`; unknown ones become a plain 500 and a log line with the trace."""
    if isinstance(error, AtomError):
        return error
    if isinstance(error, Http404):
        return errors.NotFound("There is nothing here.")
    if isinstance(error, PermissionDenied):
        return errors.Forbidden("You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return errors.TooLarge("The body is larger than 2 MB.")
    if isinstance(error, SuspiciousOperation):
        return errors.InvalidInput("The request is malformed.")
    if isinstance(error, pydantic.ValidationError):
        return from_validation(error)
    if isinstance(error, drf.APIException):
        return _from_drf(error)
    log.error("unhandled_error", error_class=type(error).__name__, exc_info=error)
    if isinstance(error, DatabaseError):
        return _from_database(error)
    if isinstance(error, RedisError):
        return errors.Unavailable("A part that this needs does not answer.")
    return AtomError("Something failed on our side. It has been logged under this request id.")


def _from_database(error: DatabaseError) -> AtomError:
    """By SQLSTATE class; what the database said stays in the log."""
    cause = error.__cause__
    state = str(getattr(cause, "sqlstate", None) or "")
    if isinstance(error, DataError) or state.startswith("22"):
        return errors.InvalidInput("A value is malformed or out of range.")
    if state.startswith("40") or state == "55P03":  # serialisation, deadlock, a lock that was not free in time
        return errors.Unavailable("Others are changing the same things; try again in a moment.", code="TRANSIENT_ERROR")
    if state == "57014":
        return errors.QueryTimeout("It took longer than the limit.")
    if isinstance(error, InterfaceError) or state.startswith(("08", "53", "57")) or isinstance(cause, PoolTimeout):
        return errors.Unavailable("The database does not answer; try again in a moment.")
    if isinstance(error, OperationalError) and not state:
        return errors.Unavailable("The database does not answer; try again in a moment.")
    return AtomError("Something failed on our side. It has been logged under this request id.")


def _from_drf(error: drf.APIException) -> AtomError:
    kind = next((ours for theirs, ours in _DRF_ERRORS.items() if isinstance(error, theirs)), None)
    if kind is None:
        kind = errors.InvalidInput if error.status_code < 500 else AtomError
    if isinstance(error, drf.ValidationError):
        return errors.InvalidInput("Some fields are not valid.", extra={"errors": _flat(error.detail)})
    return kind(str(getattr(error, "detail", "")) or kind.title)


def _flat(detail: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [row for key, value in detail.items() for row in _flat(value, f"{path}.{key}".lstrip("."))]
    if isinstance(detail, list):
        return [row for value in detail for row in _flat(value, path)]
    return [{"field": path, "message": str(detail)}]


def from_validation(error: pydantic.ValidationError) -> errors.InvalidInput:
    """One row per bad field, without echoing what was sent."""
    rows = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": item["msg"].removeprefix("Value error, ")}
        for item in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    first = rows[0] if rows else {"field": "", "message": "malformed"}
    return errors.InvalidInput(f"{first['field']}: {first['message']}".lstrip(": "), extra={"errors": rows})


def body_of(error: AtomError, request_id: str) -> dict[str, Any]:
    """Members of the problem document."""
    code = codes.entry_of(error.code, error.status)
    body: dict[str, Any] = {
        "type": f"urn:atom:problem:{error.code.lower()}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "class": code.kind,
        # What an outside system said may hold the address it was reached by.
        "detail": redaction.redact_text(error.message) if error.status >= 500 else error.message,
        "request_id": request_id,
        "retryable": error.transient or error.status == 429,
    }
    steps = error.next_steps or (NextStep(code.next_step),)
    body["next_steps"] = [{"label": step.label, **({"href": step.href} if step.href else {})} for step in steps]
    return body | error.extra


def response_of(error: AtomError, request: HttpRequest) -> HttpResponse:
    """The problem document as a plain Django response."""
    payload = orjson.dumps(body_of(error, getattr(request, "request_id", "")), default=str)
    return HttpResponse(payload, status=error.status, content_type=CONTENT_TYPE, headers=error.headers)


def drf_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every error of an API view in the one shape."""
    ours = from_exception(error)
    request = context["request"]._request
    request.problem = ours  # for the audit of refusals and the access log
    response = Response(body_of(ours, getattr(request, "request_id", "")), status=ours.status, headers=ours.headers)
    response.content_type = CONTENT_TYPE
    return response
