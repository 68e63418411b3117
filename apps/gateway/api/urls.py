"""API routes of the gateway app."""

from django.urls import URLPattern, URLResolver, re_path

from apps.gateway.api.schema import DocsView, SchemaView

app_name = "gateway_api"
urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^schema/?$", SchemaView.as_view(), name="schema"),
    re_path(r"^docs/?$", DocsView.as_view(), name="docs"),
]
