"""API routes of the memos app."""

from django.urls import URLPattern, URLResolver

app_name = "memos_api"
urlpatterns: list[URLPattern | URLResolver] = []
