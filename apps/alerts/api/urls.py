"""API routes of the alerts app."""

from django.urls import URLPattern, URLResolver

app_name = "alerts_api"
urlpatterns: list[URLPattern | URLResolver] = []
