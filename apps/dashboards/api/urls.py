"""API routes of the dashboards app."""

from django.urls import URLPattern, URLResolver

app_name = "dashboards_api"
urlpatterns: list[URLPattern | URLResolver] = []
