"""API routes of the agent app."""

from django.urls import URLPattern, URLResolver

app_name = "agent_api"
urlpatterns: list[URLPattern | URLResolver] = []
