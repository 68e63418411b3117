"""Addresses outside `/api`: health, readiness, metrics."""

from django.urls import URLPattern, URLResolver, path

from apps.gateway.api import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.health, name="health"),
    path("ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
