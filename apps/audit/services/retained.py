"""The chains of tenants that are gone: reading and proving them, with no tenant entered."""

from typing import Final
from uuid import UUID

from apps.audit import registry
from apps.audit.contracts import Anchor, Finding, Verification
from apps.audit.models import RetainedChain
from apps.audit.services import verify
from apps.core import tenant as tenant_context
from apps.core.errors import NotFound

_RETAINED_ROWS: Final = """
    SELECT r.seq, r.hash, r.prev_hash, audit_digest(r.prev_hash, ROW(
               r.id, r.seq, r.at, r.actor_ref, r.actor_kind, r.action, r.object_type, r.object_id, r.decision,
               r.outcome, r.request_id, r.sha256, r.summary, r.prev_hash, r.hash, r.version, r.address_ref
           )::audit_entry) AS digest
      FROM audit_retained r WHERE r.tenant_id = %(tenant)s"""


def verify_retained(tenant_id: UUID) -> Verification:
    """Check the chain of a tenant that is gone against its signed head (of a dropped one, the head alone)."""
    with tenant_context.entered(None):
        head = head_of(tenant_id)
        if not holds(head):
            return Verification(0, head.last_seq, finding=Finding.ANCHOR_BROKEN)
        if head.dropped_at is not None:
            return Verification(0, head.last_seq, anchored_seq=head.last_seq, anchored_at=head.moved_at.isoformat())
        last = "SELECT coalesce(max(seq), 0) FROM audit_retained WHERE tenant_id = %(tenant)s"
        walk = verify.walk_chain(_RETAINED_ROWS, {"tenant": tenant_id}, last)
    if walk.first_broken is not None:
        return Verification(walk.entries, walk.last_seq, walk.first_broken, Finding.ROW_BROKEN)
    if walk.last_seq < head.last_seq:
        return Verification(walk.entries, walk.last_seq, walk.last_seq + 1, Finding.TAIL_CUT)
    if walk.last_hash != bytes(head.last_hash):
        return Verification(walk.entries, walk.last_seq, head.last_seq, Finding.HISTORY_REWRITTEN)
    return Verification(walk.entries, walk.last_seq, anchored_seq=head.last_seq, anchored_at=head.moved_at.isoformat())


def head_of(tenant_id: UUID) -> RetainedChain:
    """The signed head of a retained chain; raises NotFound."""
    with tenant_context.entered(None):
        found = RetainedChain.objects.filter(tenant_id=tenant_id).first()
    if found is None:
        raise NotFound("No chain of that tenant is retained.")
    return found


def holds(head: RetainedChain) -> bool:
    """Whether the signature is of this head."""
    signer = registry.signer(head.algorithm)
    if signer is None:
        return False
    at, _, signature = head.signature.partition(" ")
    bare = Anchor(head.tenant_id.hex, head.last_seq, bytes(head.last_hash).hex(), at, "", head.algorithm)
    return signer.verify(bare.payload(), signature)
