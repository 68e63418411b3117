"""API routes of the policies app."""

from django.urls import URLPattern, URLResolver

app_name = "policies_api"
urlpatterns: list[URLPattern | URLResolver] = []
