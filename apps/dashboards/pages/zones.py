"""The viewer's time zone on pages: the one in the address, else the person's own, else the tenant's."""

from django.http import HttpRequest

from apps.core.errors import InvalidInput
from apps.dashboards.engine.period import zone


def viewer_zone(request: HttpRequest) -> str:
    """An IANA name that exists."""
    named = (request.GET.get("tz", ""), str(getattr(request.user, "timezone", "") or ""))
    tenant = getattr(request, "tenant", None)
    for name in (*named, tenant.timezone if tenant else ""):
        if _exists(name):
            return name
    return "UTC"


def _exists(name: str) -> bool:
    if not name:
        return False
    try:
        zone(name)
    except InvalidInput:
        return False
    return True
