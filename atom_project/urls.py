"""Root of all addresses. `/t/<slug>` is taken off by the tenancy middleware before anything here is asked."""

from importlib import import_module

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.gateway.api import door
from apps.gateway.pages import errors
from apps.tenancy.api.urls import AUTH
from apps.tenancy.api.views import KeysView
from apps.tenancy.pages import doors

# Asked in this order, so what is asked most comes first.
APPS = [
    "studio",
    "datasources",
    "dashboards",
    "workflows",
    "memos",
    "policies",
    "artifacts",
    "audit",
    "tenancy",
    "realtime",
    "storage",
    "agent",
    "alerts",
    "gateway",
]


def _routes(door_kind: str) -> list[URLPattern | URLResolver]:
    modules = [import_module(f"apps.{label}.{door_kind}.urls") for label in APPS]
    return [path("", include((module.urlpatterns, module.app_name))) for module in modules]


API = _routes("api")
shared = [
    path("auth/", include((AUTH, "auth"))),
    path(".well-known/jwks.json", KeysView.as_view(), name="jwks"),
    path("api/v1/", include(API)),
    # The newest version also answers without its number: one view, two addresses.
    path("api/", include((API, "api_latest"))),
    *door.urlpatterns,
    *_routes("pages"),
]
admin.autodiscover()
# The operators' admin has no door of its own: ours knows second factors.
urlpatterns = [path("admin/login/", doors.admin_login), path("admin/", admin.site.urls), *shared]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
