"""Every page address without arguments, taken from the URL configuration: a new page is covered the day it appears."""

from django.urls import URLPattern, URLResolver, get_resolver

# Answers that are no pages: actions (POST only) and data.
NOT_PAGES = frozenset(
    {
        "palette",
        "notices",
        "autopilot/dashboards/estimate",
        "login/demo",
        "logout",
        "operations/audit/verify",
        "operations/audit/export",
        "operations/costs/export",
        "operations/costs/hour",
        ".well-known/jwks.json",
    }
)
OUTSIDE = ("login", "tenants", "docs", "health", "ready", "metrics", "admin/", "auth/", "api/", "graphql")


def page_paths() -> list[str]:
    """Paths below a workspace, like `operations/audit/`."""
    found = [_text(pattern) for pattern in _patterns(get_resolver().url_patterns)]
    return sorted({path for path in found if path is not None and _is_page(path)})


def _patterns(items: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for item in items:
        route = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            if not route.startswith(OUTSIDE):
                found += _patterns(item.url_patterns, route)
        else:
            found.append((route, item))
    return found


def _text(found: tuple[str, URLPattern]) -> str | None:
    route, pattern = found
    needs_arguments = "<" in route or "(" in route
    return None if needs_arguments or _is_action(pattern) else route.strip("^$")


def _is_action(pattern: URLPattern) -> bool:
    """POST-only views say so by the decorator's closure or the class's method names."""
    view = getattr(pattern.callback, "view_class", None)
    if view is not None:
        return "get" not in view.http_method_names or not hasattr(view, "get")
    allowed = _allowed_methods(pattern.callback)
    return allowed is not None and "GET" not in allowed


def _allowed_methods(view: object) -> set[str] | None:
    """Methods of `require_http_methods`, found in the wrapper's closure; None when any method goes."""
    while view is not None:
        for cell in getattr(view, "__closure__", None) or ():
            content = cell.cell_contents
            if isinstance(content, list) and content and all(isinstance(item, str) for item in content):
                return set(content)
        view = getattr(view, "__wrapped__", None)
    return None


def _is_page(path: str) -> bool:
    return path not in NOT_PAGES and not path.startswith(OUTSIDE)
