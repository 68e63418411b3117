"""Page routes of the artifacts app."""

from django.urls import URLPattern, URLResolver

app_name = "artifacts"
urlpatterns: list[URLPattern | URLResolver] = []
