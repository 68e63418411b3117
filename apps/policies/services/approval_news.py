"""Telling people about approvals, after commit: the inbox of everybody, the bell of who is asked and who asked."""

from typing import Final
from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.policies.models import Approval, ApprovalState
from apps.policies.selectors import approvers
from apps.realtime.services.publisher import publish

TOPIC: Final = "approvals"
_TOLD_AT_MOST: Final = 50
_LEVELS: Final = {"approved": "success", "rejected": "warning", "expired": "warning"}


def asked(row: Approval) -> None:
    """Somebody asked: the inbox, and the bell of everybody who may answer."""
    people = [each.id for each in approvers.eligible_for(row)]
    asker = row.requester or "Somebody"
    _after_commit(row, people[:_TOLD_AT_MOST], title=f"{asker} asks: {row.title or 'approve a query'}", level="info")


def changed(row: Approval, *, by: str) -> None:
    """The state moved: the inbox; and, when it is an answer, the bell of who asked."""
    level = _LEVELS.get(row.state, "")
    people = [row.requested_by] if row.requested_by and level else []
    who = f" by {by}" if by and row.state != ApprovalState.EXPIRED else ""
    _after_commit(row, people, title=f"{row.title or 'Your query'}: {row.state}{who}", level=level)


def _after_commit(row: Approval, people: list[UUID], *, title: str, level: str) -> None:
    tenant = tenant_context.require()
    short = {"type": "approval", "id": str(row.id), "state": row.state}
    notice = {
        "kind": f"approval.{row.state}", "level": level, "title": title, "at": clock.now().isoformat(),
        "url": f"/t/{tenant.slug}/operations/approvals/{row.id}/",
    }  # fmt: skip

    def tell() -> None:
        publish(tenant.id, TOPIC, short)
        for person in people:
            publish(tenant.id, f"notifications.{person}", notice)

    transaction.on_commit(tell)
