"""Page routes of the gateway app."""

from django.urls import URLPattern, URLResolver, path

from apps.gateway.pages import home, palette

app_name = "gateway"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.front_door, name="home"),
    path("palette", palette.palette, name="palette"),
    path("notices", palette.notices, name="notices"),
]
