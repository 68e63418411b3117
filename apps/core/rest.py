"""The parts DRF plugs in: who calls, whether they may, JSON in and out (kept apart from the views, which need them)."""

from collections.abc import Mapping
from typing import Any

import orjson
import pydantic
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from apps.core.actor import Actor
from apps.core.errors import Forbidden, InvalidInput, Unauthorised
from apps.core.permissions import Scope


class ActorUser:
    """What DRF calls the user: a thin face of the Actor."""

    is_authenticated = True
    is_active = True

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.pk = actor.id


class ActorAuthentication(BaseAuthentication):
    """Takes the actor that the identity middleware resolved; a failed attempt raises here, in the one error shape."""

    def authenticate(self, request: Request) -> tuple[ActorUser, None] | None:
        """The actor as DRF's user, or None for a stranger."""
        raw = request._request
        failure = getattr(raw, "identity_error", None)
        if failure is not None:
            raise failure
        actor = getattr(raw, "actor", None)
        if actor and getattr(raw, "tenant_slug", ""):
            _enforce_csrf(raw)
        return (ActorUser(actor), None) if actor else None

    def authenticate_header(self, request: Request) -> str:
        """Makes DRF answer 401 rather than 403."""
        return 'Bearer realm="atom"'


def _nothing(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _enforce_csrf(request: HttpRequest) -> None:
    """Below `/t/<slug>/` the browser's session speaks, so a write must carry the CSRF token (DRF views are exempt)."""
    check = CSRFCheck(_nothing)
    check.process_request(request)
    if check.process_view(request, _nothing, (), {}):
        raise Forbidden("The CSRF token is missing or stale; reload the page.", code="CSRF_FAILED")


class ActorPermission(BasePermission):
    """Fails closed: a view names its scopes, or says that it is public, or nobody gets in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raise Unauthorised or Forbidden; True otherwise."""
        if getattr(view, "public", False):
            return True
        actor = getattr(request._request, "actor", None)
        if actor is None:
            raise Unauthorised("Log in first.", next_steps=["POST /auth/login, then send the token as Bearer."])
        method = (request.method or "").lower()
        if method == "options" or not hasattr(view, method):  # the latter is answered 405 by the dispatcher
            return True
        scope = scope_of(view, request.method or "")
        actor.require(scope)
        return True


def scope_of(view: Any, method: str) -> str:
    """The scope that `method` of the view needs; a view without one is a defect and raises."""
    scopes: Mapping[str, Scope] = getattr(view, "required_scopes", {})
    scope = scopes.get("GET" if method == "HEAD" else method) or getattr(view, "required_scope", None)
    if scope is None:
        raise TypeError(f"{type(view).__name__} names no scope for {method}")
    return str(scope)


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson; dates in ISO 8601, UUIDs as text, Decimal and others by str()."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Bytes of `data`; nothing at all for None (204)."""
        if data is None:
            return b""
        return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


def _plain(value: Any) -> Any:
    if isinstance(value, pydantic.BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


class OrjsonParser(BaseParser):
    """JSON bodies by orjson; what does not parse is a 400 with the place."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The decoded document; raises InvalidInput."""
        try:
            return orjson.loads(stream.read() or b"{}")
        except orjson.JSONDecodeError as error:
            raise InvalidInput(
                f"The body is not valid JSON: line {error.lineno}, column {error.colno}.", code="BROKEN_JSON"
            ) from None


class FirstRenderer(BaseContentNegotiation):
    """For answers that are no JSON document: neither `Accept` nor `?format=` chooses a renderer of DRF's."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first."""
        return renderers[0], renderers[0].media_type
