"""API routes of the realtime app."""

from django.urls import URLPattern, URLResolver

app_name = "realtime_api"
urlpatterns: list[URLPattern | URLResolver] = []
