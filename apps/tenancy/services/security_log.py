"""The security log: what happened to somebody's way in. One row an event; kept for half a year."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.tenancy.contracts import NOWHERE, Origin
from apps.tenancy.models import PageSession, RefreshToken, SecurityEvent

KEPT: Final = timedelta(days=180)
log = structlog.get_logger(__name__)


def record(
    kind: str,
    *,
    user_id: UUID | None,
    tenant_id: UUID | None = None,
    origin: Origin = NOWHERE,
    outcome: str = "ok",
    detail: str = "",
) -> None:
    """Write one event. `detail` holds names and numbers, never a secret; a stranger's attempt has no user."""
    with tenant_context.entered(None):
        SecurityEvent.objects.create(
            user_id=user_id,
            tenant_id=tenant_id,
            kind=kind,
            outcome=outcome,
            device=origin.device,
            region=origin.region,
            detail=detail[:160],
        )


def forget_old() -> int:
    """Remove events older than half a year, and sessions and refresh tokens that ran out; answers how many rows."""
    now = clock.now()
    with tenant_context.entered(None):
        events, _ = SecurityEvent.objects.filter(created_at__lt=now - KEPT).delete()
        sessions, _ = PageSession.objects.filter(expire_date__lt=now).delete()
        tokens, _ = RefreshToken.objects.filter(expires_at__lt=now - KEPT).delete()
    return events + sessions + tokens
