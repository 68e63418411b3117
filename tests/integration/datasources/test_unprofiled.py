"""Warehouse tables nobody has profiled: looked at before the first statement reads them, and protected meanwhile."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from apps.core import tenant
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.enums import LoadMode
from apps.datasources.models import CatalogColumn
from apps.datasources.services import execution, registry, unprofiled, uploads
from apps.policies.models import Approval, LedgerEntry
from apps.policies.services import settings

HEAD = b"user_id,contact,city\n"
ROWS = b"".join(b"%d,p%d@example.com,Bonn\n" % (n, n) for n in range(300))


@pytest.fixture
def inside(acme: TenantRef, alice: Actor, bob: Actor) -> Iterator[None]:
    with tenant.entered(acme):
        yield


@pytest.fixture
def table(inside: None, alice: Actor) -> str:
    name = f"unseen_{uuid4().hex[:8]}"
    load(alice, name, HEAD + ROWS)
    return name


@pytest.fixture
def source(inside: None, alice: Actor) -> UUID:
    row, _ = registry.connect(alice, name=f"Unseen {uuid4().hex[:8]}", type_name="sandbox", config={})
    return row.id


def load(actor: Actor, name: str, content: bytes, mode: LoadMode = LoadMode.NEW) -> None:
    staged = uploads.stage(actor, [content], filename=f"{name}.csv")
    uploads.load(actor, staged.id, uploads.Destination(table=name, mode=mode))


def test_addresses_are_hidden_from_the_first_statement_on(bob: Actor, source: UUID, table: str) -> None:
    found = execution.run(bob, source, f"SELECT contact, city FROM uploads.{table} LIMIT 2")
    assert found.rows == [("[REDACTED:email]", "Bonn")] * 2
    column = CatalogColumn.objects.get(table__datasource_id=source, table__name=table, name="contact")
    assert (column.protected_as, column.pii_tier) == ("email", "high")
    assert "example.com" not in str(column.pii_evidence)


def test_a_table_is_looked_at_once(bob: Actor, source: UUID, table: str) -> None:
    for _ in range(3):
        execution.run(bob, source, f"SELECT COUNT(*) FROM uploads.{table}")
    unprofiled.forget()
    execution.run(bob, source, f"SELECT COUNT(*) AS n FROM uploads.{table}")
    assert LedgerEntry.objects.filter(datasource_id=source, artifact_ref="recognition").count() == 1


def test_a_column_that_came_later_is_looked_at_too(alice: Actor, bob: Actor, source: UUID, table: str) -> None:
    execution.run(bob, source, f"SELECT city FROM uploads.{table} LIMIT 1")
    wider = b"user_id,contact,city,other\n" + b"".join(b"%d,x,Bonn,q%d@mail.example\n" % (n, n) for n in range(300))
    load(alice, table, wider, LoadMode.REPLACE)
    assert execution.run(bob, source, f"SELECT other FROM uploads.{table} LIMIT 1").rows == [("[REDACTED:email]",)]


def test_what_costs_too_much_to_look_at_has_its_texts_protected_and_nobody_is_asked(
    inside: None, alice: Actor, bob: Actor, source: UUID
) -> None:
    table = f"wide_{uuid4().hex[:8]}"
    load(alice, table, b"city,note\n" + b"".join(b"Bonn,%s\n" % (b"x" * 5_000) for _ in range(300)))
    before, asked = settings.stored().bytes_per_query, Approval.objects.count()
    settings.change(alice, bytes_per_query=1_000_000)
    try:
        found = execution.run(bob, source, f"SELECT city FROM uploads.{table} LIMIT 1")
        assert found.rows == [("[REDACTED:unrecognised]",)]
        assert Approval.objects.count() == asked
    finally:
        settings.change(alice, bytes_per_query=before)
    assert execution.run(bob, source, f"SELECT city FROM uploads.{table} LIMIT 1").rows == [("Bonn",)]
