"""Execution end to end: estimate, budget, cache, redaction, one audit row; failures give the budget back."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from apps.audit.models import Entry
from apps.core import tenant
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, NotFound, PolicyViolation, QueryTimeout
from apps.core.tenant import TenantRef
from apps.datasources.enums import LoadMode
from apps.datasources.models import CatalogColumn, CatalogTable
from apps.datasources.services import execution, registry, uploads
from apps.policies.models import LedgerEntry

PEOPLE = b"user_id,email,city\n" + b"".join(b"%d,p%d@example.com,Bonn\n" % (n, n) for n in range(40))


@pytest.fixture
def inside(acme: TenantRef) -> Iterator[None]:
    with tenant.entered(acme):
        yield


@pytest.fixture
def table(inside: None, alice: Actor) -> str:
    name = f"people_{uuid4().hex[:8]}"
    staged = uploads.stage(alice, [PEOPLE], filename="people.csv")
    uploads.load(alice, staged.id, uploads.Destination(table=name))
    return name


@pytest.fixture
def source(inside: None, alice: Actor) -> UUID:
    row, _ = registry.connect(alice, name=f"Run {uuid4().hex[:8]}", type_name="sandbox", config={})
    return row.id


def protect(source: UUID, table: str, column: str, kind: str) -> None:
    """What the profiler would find."""
    row = CatalogTable.objects.create(datasource_id=source, dataset="uploads", name=table)
    CatalogColumn.objects.create(table=row, name=column, position=1, type="STRING", pii_kind=kind, pii_tier="high")


def test_a_statement_is_priced_run_and_settled(alice: Actor, source: UUID, table: str) -> None:
    found = execution.run(alice, source, f"SELECT COUNT(*) AS n, SUM(user_id) AS s FROM uploads.{table}")
    assert found.rows == [(40, 780)]
    assert [column.type for column in found.columns] == ["INT64", "INT64"]
    assert found.estimate.bytes == 40 * 8
    assert found.bytes_billed == 10_000_000
    entry = LedgerEntry.objects.get(query_hash=found.query_hash)
    assert (entry.state, entry.actual_bytes, entry.estimate.bytes) == ("settled", 10_000_000, 320)


def test_the_same_question_again_comes_from_the_cache_and_costs_nothing(alice: Actor, source: UUID, table: str) -> None:
    sql = f"SELECT city, COUNT(*) AS n FROM uploads.{table} GROUP BY city"
    first, second = execution.run(alice, source, sql), execution.run(alice, source, sql)
    assert (first.cache_hit, second.cache_hit) == (False, True)
    assert second.rows == first.rows
    assert second.bytes_billed == 0


def test_new_rows_are_seen_at_once_in_spite_of_the_cache(alice: Actor, source: UUID, table: str) -> None:
    sql = f"SELECT COUNT(*) FROM uploads.{table}"
    assert execution.run(alice, source, sql).rows == [(40,)]
    staged = uploads.stage(alice, [PEOPLE], filename="people.csv")
    uploads.load(alice, staged.id, uploads.Destination(table=table, mode=LoadMode.APPEND))
    assert execution.run(alice, source, sql).rows == [(80,)]


def test_protected_columns_are_hidden_from_who_may_not_see_them(
    alice: Actor, bob: Actor, source: UUID, table: str
) -> None:
    protect(source, table, "email", "email")
    inner = f"SELECT UPPER(email) AS who, city FROM uploads.{table}"
    sql = f"WITH p AS ({inner}) SELECT who, city FROM p LIMIT 2"
    if not bob.has("pii:read"):
        hidden = execution.run(bob, source, sql)
        assert hidden.rows == [("[REDACTED:email]", "Bonn")] * 2
        assert hidden.redacted == ("who",)
        assert execution.run(bob, source, f"SELECT COUNT(DISTINCT email) FROM uploads.{table}").rows == [(40,)]
    if alice.has("pii:read"):
        assert execution.run(alice, source, sql).rows[0][0].endswith("@EXAMPLE.COM")


def test_one_audit_row_tells_of_the_decision_and_what_came_of_it(alice: Actor, source: UUID, table: str) -> None:
    execution.run(alice, source, f"SELECT COUNT(*) AS n FROM uploads.{table}")  # the first one looks at the table
    before = Entry.objects.filter(object_id=str(source)).count()
    found = execution.run(alice, source, f"SELECT city FROM uploads.{table}")
    rows = Entry.objects.filter(object_id=str(source)).order_by("-seq")[:2]
    assert Entry.objects.filter(object_id=str(source)).count() == before + 1
    assert rows[0].action == "security_gate_decision"
    assert rows[0].sha256 == found.query_hash


def test_allow_rewrite_and_block_are_each_in_the_audit_trail(alice: Actor, source: UUID, table: str) -> None:
    execution.run(alice, source, f"SELECT COUNT(*) FROM uploads.{table}")  # the first one looks at the table
    seen = [row.id for row in Entry.objects.filter(object_id=str(source))]
    execution.run(alice, source, f"SELECT COUNT(*) AS n FROM uploads.{table}")
    execution.run(alice, source, f"SELECT city FROM uploads.{table}")
    with pytest.raises(PolicyViolation):
        execution.run(alice, source, f"DROP TABLE uploads.{table}")
    rows = Entry.objects.filter(action="security_gate_decision", object_id=str(source)).exclude(id__in=seen)
    rows = rows.order_by("seq")
    assert [(row.decision, row.outcome) for row in rows] == [
        ("allow", "executed"),
        ("rewrite", "executed"),
        ("block", "refused"),
    ]
    assert all(len(row.sha256) == 64 and table not in str(row.summary) for row in rows)


def test_a_refusal_is_recorded_and_reserves_nothing(alice: Actor, source: UUID) -> None:
    before = LedgerEntry.objects.count()
    with pytest.raises(PolicyViolation):
        execution.run(alice, source, "DELETE FROM shop.orders WHERE TRUE")
    assert LedgerEntry.objects.count() == before
    assert Entry.objects.filter(object_id=str(source), outcome="refused").exists()


def test_a_failed_run_gives_its_reservation_back(alice: Actor, inside: None) -> None:
    config = {"mock": {"faults": [{"on": "execute", "nth": 1, "code": "TIMEOUT"}]}}
    row, _ = registry.connect(alice, name=f"Faulty {uuid4().hex[:6]}", type_name="sandbox", config=config)
    with pytest.raises(QueryTimeout):
        execution.run(alice, row.id, "SELECT 41 + 1")
    entry = LedgerEntry.objects.filter(datasource_id=row.id).latest("created_at")
    assert entry.state == "released"


def test_a_preview_shows_cost_and_runs_nothing_and_can_be_run(alice: Actor, source: UUID, table: str) -> None:
    before = LedgerEntry.objects.count()
    shown = execution.preview(alice, source, f"SELECT email FROM uploads.{table}")
    assert shown.fields["estimated_bytes"] == sum(len(f"p{n}@example.com") + 2 for n in range(40))
    assert shown.fields["budget"]["allowed"] is True
    assert LedgerEntry.objects.count() == before
    assert execution.approve_run(alice, shown.preview_id).row_count == 40


def test_somebody_elses_preview_does_not_exist(alice: Actor, bob: Actor, source: UUID, table: str) -> None:
    shown = execution.preview(alice, source, f"SELECT email FROM uploads.{table}")
    with pytest.raises(NotFound):
        execution.approve_run(bob, shown.preview_id)


def test_viewers_do_not_run_and_archived_datasources_do_not_answer(alice: Actor, carol: Actor, source: UUID) -> None:
    with pytest.raises(Forbidden):
        execution.run(carol, source, "SELECT 1")
    registry.archive(alice, source)
    with pytest.raises(Conflict):
        execution.run(alice, source, "SELECT 1")


def test_a_limit_of_rows_is_kept_and_said(alice: Actor, source: UUID, table: str) -> None:
    found = execution.run(alice, source, f"SELECT user_id FROM uploads.{table} ORDER BY user_id", max_rows=5)
    assert [row[0] for row in found.rows] == [0, 1, 2, 3, 4]
