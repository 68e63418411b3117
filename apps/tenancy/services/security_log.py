"""The security log: what happened to somebody's way in. One row an event; kept for half a year."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.tenancy.contracts import NOWHERE, Origin
from apps.tenancy.models import SecurityEvent

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
    """Remove what is older than half a year; answers how many rows."""
    with tenant_context.entered(None):
        count, _ = SecurityEvent.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return count
