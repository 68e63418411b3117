"""How the two admin sites look: the palette and mark of the pages, in django-unfold's terms."""

from typing import Any

from django.templatetags.static import static


def _where(request: Any) -> str:
    return "Workspace" if getattr(request, "tenant_slug", "") else "Operators"


def _pages(request: Any) -> str:
    slug = getattr(request, "tenant_slug", "")
    return f"/t/{slug}/" if slug else "/"


def _mark(_request: object) -> str:
    return static("atom.svg")


_GREYS = {
    "50": "#f6f8f9",
    "100": "#edf1f3",
    "200": "#dde4e8",
    "300": "#c5cfd6",
    "400": "#93a1ab",
    "500": "#5c6b76",
    "600": "#47555f",
    "700": "#303c45",
    "800": "#182127",
    "900": "#0f161b",
    "950": "#090d10",
}
_ACCENT = {
    "50": "#e6f2f5",
    "100": "#cfe6ec",
    "200": "#a5d1dc",
    "300": "#78b9c9",
    "400": "#4fb6d0",
    "500": "#1b8aa6",
    "600": "#0e7490",
    "700": "#0b5a70",
    "800": "#0a4657",
    "900": "#093845",
    "950": "#05222b",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "ATOM admin",
    "SITE_HEADER": "ATOM",
    "SITE_SUBHEADER": _where,
    "SITE_URL": _pages,
    "SITE_SYMBOL": "hub",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _mark}],
    "ENVIRONMENT": "apps.tenancy.pages.operators.badge",
    "DASHBOARD_CALLBACK": "apps.gateway.pages.operations.dashboard",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": _GREYS, "primary": _ACCENT},
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
}
