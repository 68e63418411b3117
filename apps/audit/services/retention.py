"""What becomes of entries and of the people in them: forgotten after their days, moved to `public` on purge, dropped.

Moving and dropping run as the owner of the tables (the `admin` alias), which the processes that serve requests do
not have. Each function is one transaction and may be called again after a kill.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction
from psycopg import sql

from apps.audit import registry
from apps.audit.models import RetainedChain, Retention
from apps.audit.services import anchors, relay, retained, trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import InvalidInput, Unavailable
from apps.core.tenant import TenantRef

OWNER: Final = "admin"
DEFAULT_DAYS: Final = 90
FEWEST_DAYS: Final = 30
MOST_DAYS: Final = 3650
_COLUMNS: Final = (
    "id, version, seq, at, actor_ref, address_ref, actor_kind, action, object_type, object_id, decision, outcome,"
    " request_id, sha256, summary, prev_hash, hash"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How long the readable names, and after a purge the entries, of a tenant are kept."""

    keep_days: int = DEFAULT_DAYS
    legal_hold: bool = False


def rule() -> Rule:
    """The rule of the current tenant (or the platform)."""
    row = Retention.objects.order_by("-id").first()
    return Rule(row.keep_days, row.legal_hold) if row else Rule()


def set_rule(actor: Actor, wanted: Rule) -> Rule:
    """Give the current tenant another rule, on record; raises InvalidInput for days that nobody may choose."""
    if not FEWEST_DAYS <= wanted.keep_days <= MOST_DAYS:
        raise InvalidInput(f"Keep the audit trail for {FEWEST_DAYS} to {MOST_DAYS} days.")
    before = rule()
    if before == wanted:
        return wanted
    with trail.unit_of_work():
        Retention.objects.create(keep_days=wanted.keep_days, legal_hold=wanted.legal_hold)
        changes = {
            "keep_days": [before.keep_days, wanted.keep_days],
            "legal_hold": [before.legal_hold, wanted.legal_hold],
        }
        trail.record(actor, "audit.retention_changed", object_type="audit", summary={"changes": changes})
    return wanted


def forget_unseen(tenant: TenantRef | None) -> int:
    """Destroy the readable values of people and addresses that no entry within the days names; answers how many.

    Runs as the tenant itself; a legal hold keeps everything.
    """
    kept = rule()
    if kept.legal_hold:
        return 0
    with trail.unit_of_work():
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_forget_unseen(%s)", [kept.keep_days])
            gone = int(cursor.fetchone()[0])
        if gone:
            actor = Actor.system(tenant, "auditor")
            trail.record(actor, "audit.people_forgotten", object_type="audit", summary={"people": gone})
    return gone


def forget_people(tenant: TenantRef) -> int:
    """Destroy all readable values and the key of a tenant's pseudonyms, as the owner; answers how many values."""
    schema = sql.Identifier(tenant.schema_name)
    with transaction.atomic(using=OWNER), _owner().cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}.audit_person").format(schema))
        gone: int = cursor.rowcount
        cursor.execute(sql.SQL("DELETE FROM {}.audit_secret").format(schema))
    return gone


def move_to_public(tenant: TenantRef, *, keep: Rule | None = None) -> RetainedChain:
    """Copy a tenant's chain to its partition in `public` and sign its head there; the last step before the schema goes.

    Neither people nor the key go along. A second call takes what came since. Raises Unavailable without the owner's
    connection; cost: one INSERT … SELECT.
    """
    with tenant_context.entered(tenant):
        relay.relay_log("", tenant)  # nobody could read what `audit.log` still lacks once the schema is gone
    with tenant_context.entered(None), transaction.atomic(using=OWNER), _owner().cursor() as cursor:
        kept = keep or _rule_of(cursor, tenant)
        # No append may come between the copy and the head.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('atom.audit'), hashtext(%s))", [tenant.schema_name])
        _make_partition(cursor, tenant.id)
        cursor.execute(
            sql.SQL(
                "INSERT INTO public.audit_retained (tenant_id, {columns})"
                " SELECT %s, {columns} FROM {schema}.audit_entry"
                " WHERE seq > (SELECT coalesce(max(seq), 0) FROM public.audit_retained WHERE tenant_id = %s)"
            ).format(columns=sql.SQL(_COLUMNS), schema=sql.Identifier(tenant.schema_name)),
            [tenant.id, tenant.id],
        )
        _sign_head(cursor, tenant.id, kept)
    return retained.head_of(tenant.id)


def hold(tenant_id: UUID, *, legal_hold: bool) -> RetainedChain:
    """Keep a retained chain beyond its days, or no longer (as the owner)."""
    with tenant_context.entered(None), transaction.atomic(using=OWNER), _owner().cursor() as cursor:
        cursor.execute(
            "UPDATE public.audit_retained_chain SET legal_hold = %s WHERE tenant_id = %s", [legal_hold, tenant_id]
        )
    with tenant_context.entered(None):
        trail.record(
            Actor.system(None, "auditor"),
            "audit.hold_set" if legal_hold else "audit.hold_lifted",
            object_type="retained_chain",
            object_id=tenant_id,
        )
    return retained.head_of(tenant_id)


def drop_expired() -> list[UUID]:
    """Drop the entries of chains whose days are over and that nobody holds; each keeps its signed head.

    A chain that does not verify is kept, whatever its date: that is for a person to look at.
    """
    with tenant_context.entered(None):
        due = RetainedChain.objects.filter(keep_until__lte=clock.now(), legal_hold=False, dropped_at=None)
        return [row.tenant_id for row in due.order_by("keep_until") if _drop(row)]


def _owner() -> Any:
    if OWNER not in settings.DATABASES:
        raise Unavailable("This needs POSTGRES_ADMIN_DSN: entries are moved and dropped by their owner alone.")
    return connections[OWNER]


def _rule_of(cursor: Any, tenant: TenantRef) -> Rule:
    cursor.execute(
        sql.SQL("SELECT keep_days, legal_hold FROM {}.audit_retention ORDER BY id DESC LIMIT 1").format(
            sql.Identifier(tenant.schema_name)
        )
    )
    row = cursor.fetchone()
    return Rule(*row) if row else Rule()


def _make_partition(cursor: Any, tenant_id: UUID) -> None:
    name = sql.Identifier("public", _partition(tenant_id))
    cursor.execute("SELECT to_regclass(%s)", [f"public.{_partition(tenant_id)}"])
    if cursor.fetchone()[0] is not None:
        return
    cursor.execute(
        sql.SQL(
            "CREATE TABLE {name} PARTITION OF public.audit_retained FOR VALUES IN ({tenant});"
            "CREATE TRIGGER audit_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();"
            "ALTER TABLE {name} ENABLE ALWAYS TRIGGER audit_immutable"
        ).format(name=name, tenant=sql.Literal(str(tenant_id)))
    )


def _partition(tenant_id: UUID) -> str:
    return f"audit_retained_{tenant_id.hex}"


def _sign_head(cursor: Any, tenant_id: UUID, kept: Rule) -> None:
    cursor.execute(
        "SELECT seq, hash, (SELECT count(*) FROM public.audit_retained WHERE tenant_id = %s)"
        " FROM public.audit_retained WHERE tenant_id = %s ORDER BY seq DESC LIMIT 1",
        [tenant_id, tenant_id],
    )
    last_seq, last_hash, entries = cursor.fetchone() or (0, b"", 0)
    head = anchors.signed(tenant_id.hex, last_seq, bytes(last_hash))
    cursor.execute(
        """
        INSERT INTO public.audit_retained_chain
               (tenant_id, keep_until, legal_hold, entries, last_seq, last_hash, algorithm, signature)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (tenant_id) DO UPDATE SET entries = excluded.entries, last_seq = excluded.last_seq,
               last_hash = excluded.last_hash, algorithm = excluded.algorithm, signature = excluded.signature
        """,
        [
            tenant_id,
            clock.now() + timedelta(days=kept.keep_days),
            kept.legal_hold,
            entries,
            last_seq,
            bytes(last_hash),
            head.algorithm,
            f"{head.at} {head.signature}",
        ],
    )


def _drop(row: RetainedChain) -> bool:
    found = retained.verify_retained(row.tenant_id)
    actor = Actor.system(None, "auditor")
    if not found.whole:
        trail.record_refusal(
            actor, "audit.chain_dropped", reason=found.finding, object_type="retained_chain", object_id=row.tenant_id
        )
        return False
    with transaction.atomic(using=OWNER), _owner().cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("public", _partition(row.tenant_id))))
        cursor.execute(
            "UPDATE public.audit_retained_chain SET dropped_at = now() WHERE tenant_id = %s", [row.tenant_id]
        )
    registry.anchor_store().forget(row.tenant_id.hex)
    trail.record(
        actor,
        "audit.chain_dropped",
        object_type="retained_chain",
        object_id=row.tenant_id,
        sha256=bytes(row.last_hash).hex(),
        summary={"entries": row.entries},
    )
    return True
