"""What a body must be to come in: at most 2 MB, JSON where a program speaks, and nothing the firewall knows.

A view that takes more or other content says so: `max_body_bytes` (None: the view streams and limits it itself),
`content_types`, and `unread_fields` for fields that hold SQL or a person's own text.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

import orjson
import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.audit.services import trail
from apps.core.api import is_api
from apps.core.errors import AtomError, Forbidden, InvalidInput, TooLarge, UnsupportedMedia
from apps.gateway.engine import waf
from apps.gateway.services import metrics, refusals, strangers

GetResponse = Callable[[HttpRequest], HttpResponseBase]
MAX_BODY: Final = 2 * 1024 * 1024
_JSON: Final = frozenset({"application/json", "application/merge-patch+json", "application/json-patch+json"})
_FORM: Final = "application/x-www-form-urlencoded"
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_UNSEEN_HEADERS: Final = frozenset({"HTTP_AUTHORIZATION", "HTTP_COOKIE"})
log = structlog.get_logger(__name__)


class DoorMiddleware:
    """Refuses early, before a view has read anything."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look at the path, the query string and the headers."""
        rule = waf.in_path(request.path_info) or waf.in_headers(_header_text(request.META))
        if rule is None and request.META.get("QUERY_STRING"):
            rule = waf.in_fields(dict(request.GET.lists()))
        if rule is not None:
            _record(request, rule)
            return _refuse(request, _fired(rule, request))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Look at the body, knowing the view it is for."""
        if request.method not in _WITH_BODY:
            return None
        target = getattr(view, "cls", None) or getattr(view, "view_class", view)
        try:
            _check_body(request, target)
        except AtomError as error:
            return _refuse(request, error)
        return None


def _record(request: HttpRequest, rule: waf.Rule) -> None:
    """On the platform's chain: nobody has been identified yet, and the path is not worth keeping for good."""
    if strangers.may_be_recorded(request.META.get("REMOTE_ADDR", "")):
        trail.record_refusal(None, "request.firewall", reason=rule.id, object_type="rule", object_id=rule.id)


def _header_text(meta: dict[str, Any]) -> str:
    return "\n".join(value for name, value in meta.items() if name.startswith("HTTP_") and name not in _UNSEEN_HEADERS)


def _refuse(request: HttpRequest, error: AtomError) -> HttpResponse:
    request.problem = error  # type: ignore[attr-defined]  # for the access log
    metrics.refused(error.code.lower())
    return refusals.answer(request, error)


def _fired(rule: waf.Rule, request: HttpRequest) -> Forbidden:
    log.warning("waf.refused", rule=rule.id, title=rule.title, path=request.path_info[:200])
    return Forbidden(
        f"The request looks like an attack ({rule.title}) and was refused by rule {rule.id}.",
        code="WAF_REFUSED",
        extra={"rule": rule.id},
        next_steps=["If it was meant well, send the text in a field made for it, or tell your operator the rule id."],
    )


def _check_body(request: HttpRequest, target: Any) -> None:
    limit: int | None = getattr(target, "max_body_bytes", MAX_BODY)
    length = _length(request)
    if limit is not None and length > limit:
        raise TooLarge(f"The body is larger than {_size(limit)}.", extra={"limit_bytes": limit})
    if not request.META.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" in request.META and limit is not None:
        length = _take_chunked(request, limit)
    if length:
        _check_content(request, target, streams=limit is None)


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    if not given.isdigit():
        raise InvalidInput("Content-Length is not a number.")
    return int(given)


def _size(limit: int) -> str:
    return f"{limit // (1024 * 1024)} MB" if limit >= 1024 * 1024 else f"{limit // 1024} kB"


def _take_chunked(request: HttpRequest, limit: int) -> int:
    """Read a body of unannounced length, no further than the limit; the view finds it as usual."""
    body = request.META["wsgi.input"].read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {_size(limit)}.", extra={"limit_bytes": limit})
    request._stream = BytesIO(body)  # noqa: SLF001 - Django reads nothing without a length
    request.META["CONTENT_LENGTH"] = str(len(body))
    return len(body)


def _check_content(request: HttpRequest, target: Any, *, streams: bool) -> None:
    content_type = (request.content_type or "").lower()
    accepted: frozenset[str] = getattr(target, "content_types", _JSON)
    if is_api(request) and content_type not in accepted and not streams:
        wanted = " or ".join(sorted(accepted & _JSON or accepted))
        raise UnsupportedMedia(f"Send the body as {wanted}.", extra={"accepted": sorted(accepted)})
    unread: frozenset[str] = getattr(target, "unread_fields", frozenset())
    if content_type in _JSON and not streams:
        _check_json(request, unread)
    elif content_type == _FORM:
        rule = waf.in_fields(dict(request.POST.lists()), unread=unread)
        if rule is not None:
            raise _fired(rule, request)


def _check_json(request: HttpRequest, unread: frozenset[str]) -> None:
    """Broken JSON ends here, with the place."""
    try:
        document = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"The body is not valid JSON: {where}.", code="BROKEN_JSON") from None
    rule = waf.in_fields(document, unread=unread)
    if rule is not None:
        raise _fired(rule, request)
