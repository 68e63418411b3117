"""API routes of the workflows app."""

from django.urls import URLPattern, URLResolver

app_name = "workflows_api"
urlpatterns: list[URLPattern | URLResolver] = []
