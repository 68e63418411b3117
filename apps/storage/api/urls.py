"""API routes of the storage app."""

from django.urls import URLPattern, URLResolver

app_name = "storage_api"
urlpatterns: list[URLPattern | URLResolver] = []
