"""Page routes of the gateway app."""

from django.urls import URLPattern, URLResolver, path

from apps.gateway.pages import exports, home, palette
from apps.gateway.pages import help as guides

app_name = "gateway"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.front_door, name="home"),
    path("settings/export/", exports.exports, name="exports"),
    path("settings/export/<uuid:run_id>/fetch", exports.fetch, name="export-fetch"),
    path("palette", palette.palette, name="palette"),
    path("help/", guides.guide, name="guide"),
    path("notices", palette.notices, name="notices"),
]
