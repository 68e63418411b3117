"""Pages of the studio app."""

from django.urls import URLPattern, URLResolver, path

from apps.studio.pages import sql, tables

app_name = "studio"
urlpatterns: list[URLPattern | URLResolver] = [
    path("studio/sql/", sql.index, name="sql"),
    path("studio/tables/", tables.index, name="tables"),
]
