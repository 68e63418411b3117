"""The head of each chain, signed and kept outside the database once a day, so that a cut tail shows.

A daily wake-up per chain, set by the relay when a chain grows. The anchor itself is an entry, so a missing one shows.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
from django.db import connection

from apps.audit import registry
from apps.audit.connectors.audit_log import PLATFORM
from apps.audit.contracts import Anchor
from apps.audit.models import Entry
from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef

WAKEUP = "audit-daily"
ANCHORED = "audit.anchored"
EVERY = timedelta(days=1)
NO_TENANT = "00000000-0000-0000-0000-000000000000"


def chain_name(tenant: TenantRef | None) -> str:
    """How a chain is called outside the database."""
    return tenant.id.hex if tenant else PLATFORM


def ensure_scheduled() -> None:
    """Have the chain of the current tenant anchored within a day; a date that is set stays."""
    _schedule(clock.now() + EVERY, moves=False)


def schedule_next() -> None:
    """The next daily wake-up of the current chain, a day from now."""
    _schedule(clock.now() + EVERY, moves=True)


def anchor(tenant: TenantRef | None) -> Anchor | None:
    """Sign and keep the head of the current chain; None when nothing came since the last anchor.

    Killed between the two, the anchor stands without its entry, and the next one goes on from it.
    """
    with trail.unit_of_work():
        _one_at_a_time()
        return _anchor(tenant)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('atom.audit.anchor'), hashtext(current_schema()))")


def _anchor(tenant: TenantRef | None) -> Anchor | None:
    head = Entry.objects.order_by("-seq").first()
    if head is None or head.action == ANCHORED:
        return None
    store, chain = registry.anchor_store(), chain_name(tenant)
    lines = store.lines(chain)
    before = hashlib.sha256(lines[-1]).hexdigest() if lines else ""
    made = signed(chain, head.seq, bytes(head.hash), before)
    store.add(chain, made.line())
    trail.record(
        Actor.system(tenant, "auditor"),
        ANCHORED,
        object_type="entry",
        object_id=str(head.seq),
        sha256=hashlib.sha256(made.line()).hexdigest(),
        summary={"algorithm": made.algorithm},
    )
    return made


def signed(chain: str, seq: int, hash_: bytes, before: str = "") -> Anchor:
    """A signed head, not kept anywhere yet."""
    signer = registry.signer()
    assert signer is not None
    bare = Anchor(chain, seq, hash_.hex(), clock.now().isoformat(), before, signer.algorithm)
    return replace(bare, signature=signer.sign(bare.payload()))


def kept(chain: str) -> list[tuple[Anchor | None, str]]:
    """Anchors of a chain with the digest of each line, oldest first; None for one that does not hold."""
    found: list[tuple[Anchor | None, str]] = []
    before = ""
    for line in registry.anchor_store().lines(chain):
        digest = hashlib.sha256(line).hexdigest()
        found.append((_proven(line, chain, before), digest))
        before = digest
    return found


def _proven(line: bytes, chain: str, before: str) -> Anchor | None:
    try:
        anchor = Anchor(**orjson.loads(line))
    except (orjson.JSONDecodeError, TypeError):
        return None
    signer = registry.signer(anchor.algorithm)
    holds = signer is not None and signer.verify(anchor.payload(), anchor.signature)
    return anchor if holds and anchor.chain == chain and anchor.before == before else None


def _schedule(due_at: datetime, *, moves: bool) -> None:
    tenant = tenant_context.current()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)
            VALUES (%s, now(), now(), %s, %s, '', %s, 0)
            ON CONFLICT (tenant_id, kind, ref) DO UPDATE
               SET due_at = excluded.due_at, claimed_until = NULL, attempts = 0 WHERE %s
            """,
            [new_id(), tenant.id if tenant else NO_TENANT, WAKEUP, due_at, moves],
        )
