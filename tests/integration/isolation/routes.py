"""Every route of the URL configuration with its methods, scopes and variable parts: a new route is here by itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from apps.core.rest import scope_of
from tests.browser.addresses import _allowed_methods

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PART = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
# Not ours, or without a tenant: the operators' admin (its own tests), OpenAPI pages, health.
OUTSIDE = ("admin/", "static/", "health", "ready", "metrics", "api/v1/^schema", "api/v1/^docs")


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `scopes` by method: None for a door that is open to strangers or to every member."""

    template: str
    methods: tuple[str, ...]
    scopes: dict[str, str | None]
    is_api: bool
    public: bool
    content_type: str = "application/json"

    @property
    def parts(self) -> list[str]:
        """Names of the variable parts."""
        return [match["name"] for match in PART.finditer(self.template)]

    def address(self, values: dict[str, Any]) -> str:
        """The path with `values` filled in."""
        return "/" + PART.sub(lambda match: str(values[match["name"]]), self.template)


def every() -> list[Route]:
    """All routes, API addresses once (`/api/` serves the same views as `/api/v1/`)."""
    found = {}
    for template, entry in _walk(get_resolver("atom_project.urls").url_patterns):
        if template.startswith(OUTSIDE) or (template.startswith("api/") and not template.startswith("api/v1/")):
            continue
        route = _route(template, entry.callback)
        if route.methods:
            found.setdefault(template, route)
    return list(found.values())


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path)
        else:
            yield path, entry


def _route(template: str, view: Any) -> Route:
    cls = getattr(view, "view_class", None)
    if cls is not None and hasattr(cls, "required_scopes"):
        methods = tuple(method for method in METHODS if hasattr(cls, method.lower()))
        scopes: dict[str, str | None] = {method: None if cls.public else scope_of(cls, method) for method in methods}
        accepted = getattr(cls, "content_types", None)
        content_type = min(accepted) if accepted else "application/json"
        return Route(template, methods, scopes, is_api=True, public=cls.public, content_type=content_type)
    allowed = _allowed_methods(view)
    methods = tuple(method for method in METHODS if allowed is None or method in allowed)
    has_scope = hasattr(view, "required_scope")
    scope = getattr(view, "required_scope", None)
    needed = dict.fromkeys(methods, str(scope) if scope else None)
    return Route(template, methods, needed, is_api=template.startswith(("api/", "auth/")), public=not has_scope)
