"""API routes of the studio app."""

from django.urls import URLPattern, URLResolver, path

from apps.studio.api import data

app_name = "studio_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("data/query", data.QueryView.as_view(), name="query"),
    path("data/explain", data.ExplainView.as_view(), name="explain"),
    path("data/tables", data.TablesView.as_view(), name="tables"),
]
