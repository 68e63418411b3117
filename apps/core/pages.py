"""Base of the page doors: one typed context, one URL, two renderings (whole page, htmx fragment)."""

import dataclasses
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from apps.core.errors import Unauthorised
from apps.core.permissions import Scope

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (and not for a boosted or restored whole)."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render_page(
    request: HttpRequest,
    template: str,
    context: object | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or `fragment` when htmx asks; `context` is a dataclass instance (or a dict)."""
    chosen = fragment if fragment and wants_fragment(request) else template
    response = render(request, chosen, fields_of(context), status=status)
    if fragment:
        patch_vary_headers(response, ["HX-Request"])
    return response


def fields_of(context: object | None) -> dict[str, Any]:
    """Shallow dict of a context object: field values stay what they are."""
    if context is None:
        return {}
    if isinstance(context, dict):
        return context
    names = [field.name for field in dataclasses.fields(cast("Any", context))]
    return {name: getattr(context, name) for name in names}


def unread(*fields: str) -> Callable[[View], View]:
    """Fields of a page's form that the firewall does not look at: a password may be any text. Put it outermost."""

    def decorate(view: View) -> View:
        view.unread_fields = frozenset(fields)  # type: ignore[attr-defined]  # read by the gateway's door
        return view

    return decorate


def page(*, scope: Scope | None = None) -> Callable[[View], View]:
    """A page for members of the tenant in the path: sends strangers to the login, checks the scope."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = getattr(request, "actor", None)
            if actor is None:
                problem = getattr(request, "identity_error", None)
                if problem is not None:
                    raise problem
                if wants_fragment(request):
                    raise Unauthorised("Your session has ended; log in again.")
                return redirect("/login?" + urlencode({"next": request.get_full_path()}))
            if scope is not None:
                actor.require(scope)
            return view(request, *args, **kwargs)

        wrapped.required_scope = scope  # type: ignore[attr-defined]  # read by the permission matrix test
        return cast("View", wrapped)

    return decorate
