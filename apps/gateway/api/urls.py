"""API routes of the gateway app."""

from django.urls import URLPattern, URLResolver, path, re_path

from apps.gateway.api.exports import ExportLinkView, ExportsView
from apps.gateway.api.schema import DocsView, SchemaView

app_name = "gateway_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("tenants/exports", ExportsView.as_view(), name="exports"),
    path("tenants/exports/<uuid:run_id>/link", ExportLinkView.as_view(), name="export-link"),
    re_path(r"^schema/?$", SchemaView.as_view(), name="schema"),
    re_path(r"^docs/?$", DocsView.as_view(), name="docs"),
]
