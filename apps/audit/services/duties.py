"""What each chain needs once a day: its head anchored, people forgotten whose days are over, dropped what may go."""

from django.conf import settings

from apps.audit.services import anchors, retention
from apps.core.tenant import TenantRef


def daily(_ref: str, tenant: TenantRef | None) -> None:
    """Wake-up handler, one a chain; the next is set first, so that a failure costs a day at most.

    Expired chains go where the owner's connection is (`manage.py audit_retention --drop-expired` elsewhere).
    """
    anchors.schedule_next()
    retention.forget_unseen(tenant)
    anchors.anchor(tenant)
    if tenant is None and retention.OWNER in settings.DATABASES:
        retention.drop_expired()
