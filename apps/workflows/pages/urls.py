"""Page routes of the workflows app."""

from django.urls import URLPattern, URLResolver

app_name = "workflows"
urlpatterns: list[URLPattern | URLResolver] = []
