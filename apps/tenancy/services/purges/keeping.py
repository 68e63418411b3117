"""What a purge keeps: the audit trail, in `public`, until its retention window ends; the people in it are forgotten."""

from typing import Any

from apps.audit.services import retained, retention
from apps.core.errors import Conflict
from apps.core.tenant import TenantRef


def keep_audit(tenant: TenantRef) -> dict[str, Any]:
    """Move the chain out of the schema, prove it whole there, destroy names and key; what the receipt says of it."""
    head = retention.move_to_public(tenant)
    proof = retained.verify_retained(tenant.id)
    if not proof.whole:
        raise Conflict(f"The audit trail does not verify in its new place: {proof.finding}", code="PURGE_INCOMPLETE")
    return {
        "entries_kept": head.entries,
        "last_seq": head.last_seq,
        "last_hash": bytes(head.last_hash).hex(),
        "kept_until": head.keep_until.isoformat(),
        "legal_hold": head.legal_hold,
        "names_forgotten": retention.forget_people(tenant),
        "verified": True,
    }
