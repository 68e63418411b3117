"""The first page of the operators' admin (django-unfold's dashboard callback)."""

from typing import Any

from django.http import HttpRequest

from apps.gateway.selectors import operations


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds `overview` on the operators' site; a tenant's own admin shows its lists alone."""
    if not getattr(request, "tenant_slug", ""):
        context["overview"] = operations.overview()
    return context
