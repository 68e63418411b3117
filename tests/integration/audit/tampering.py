"""What somebody with the owner's rights on the database could do to a chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.tenancy.services.migrations import runner


def grow(tenant: TenantRef, number: int, actor: Actor | None = None) -> None:
    """Append `number` entries."""
    with tenant_context.entered(tenant), trail.unit_of_work():
        for index in range(number):
            trail.record(actor or Actor.system(tenant), f"test.{index}", object_type="thing", object_id=str(index))


@contextmanager
def as_owner(tenant: TenantRef) -> Iterator[Any]:
    """A cursor in the tenant's schema with every guard of the audit tables off."""
    with runner.connect() as raw:
        raw.execute(f'SET search_path = "{tenant.schema_name}", public')
        for table in ("audit_entry", "audit_person", "audit_secret"):
            raw.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield raw


@contextmanager
def without_audit(tenant: TenantRef) -> Iterator[None]:
    """Nothing can be recorded in this tenant inside the block."""
    append = f'FUNCTION "{tenant.schema_name}".audit_append(jsonb)'
    with runner.connect() as raw:
        raw.execute(f"REVOKE EXECUTE ON {append} FROM {tenant.role_name}")
    try:
        yield
    finally:
        with runner.connect() as raw:
            raw.execute(f"GRANT EXECUTE ON {append} TO {tenant.role_name}")


REWRITE = """
DO $$
DECLARE e audit_entry; before bytea := '';
BEGIN
    FOR e IN SELECT * FROM audit_entry ORDER BY seq LOOP
        e.prev_hash := before;
        e.hash := audit_digest(before, e);
        UPDATE audit_entry SET prev_hash = e.prev_hash, hash = e.hash WHERE seq = e.seq;
        before := e.hash;
    END LOOP;
END $$
"""
