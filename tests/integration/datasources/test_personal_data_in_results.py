"""Personal data on its way out: recognised in studio tables as they are read, redacted, given in clear after a yes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.audit.models import Entry
from apps.core import tenant
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres.access import secret_name
from apps.datasources.models import CatalogColumn, CatalogTable
from apps.datasources.services import execution, recognition
from apps.policies.services import approvals, settings
from apps.policies.services.secrets import SecretsManager
from apps.studio.selectors import project as projects
from apps.studio.services import project
from apps.tenancy.services.migrations import runner

Api = Callable[[Actor | None], Any]
PEOPLE = 40


@pytest.fixture
def inside(acme: TenantRef) -> Iterator[None]:
    with tenant.entered(acme):
        yield


@pytest.fixture(scope="module")
def made(world: dict[str, TenantRef]) -> str:
    """A schema of the studio project with people, a view of them, a partition, and an empty table."""
    name, acme = f"crm_{uuid4().hex[:8]}", world["acme"]
    with tenant.entered(acme):
        as_owner(acme, _TABLES.format(schema=name, people=PEOPLE))
    return name


_TABLES = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.people (id int PRIMARY KEY, email text, country text, born date);
INSERT INTO {schema}.people SELECT n, 'person' || n || '@mail' || n || '.example',
  CASE WHEN n % 2 = 0 THEN 'DE' ELSE 'FR' END, date '1980-01-01' + n * 37 FROM generate_series(1, {people}) n;
CREATE VIEW {schema}.contacts AS SELECT id, split_part(email, '@', 1) AS mailbox, country FROM {schema}.people;
CREATE TABLE {schema}.letters (id int, recipient text) PARTITION BY RANGE (id);
CREATE TABLE {schema}.letters_1 PARTITION OF {schema}.letters FOR VALUES FROM (0) TO (1000);
INSERT INTO {schema}.letters SELECT n, 'person' || n || '@mail' || n || '.example' FROM generate_series(1, 30) n;
CREATE TABLE {schema}.later (id int, note text);
"""


def as_owner(acme: TenantRef, sql: str) -> None:
    secret = SecretsManager(acme).reveal(secret_name("owner"), actor=Actor.system(acme), purpose="test")
    with runner.connect() as beside, project.owner_connection(beside, acme, secret) as owner:
        owner.execute(sql)


def ask(api: Api, who: Actor, sql: str, **body: Any) -> Any:
    return api(who).post("/api/v1/data/query", {"sql": sql, **body})


def rows(api: Api, who: Actor, sql: str) -> list[list[Any]]:
    answer = ask(api, who, sql)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["rows"])


def test_a_studio_table_nobody_has_looked_at_is_recognised_by_the_statement_that_reads_it(
    api: Api, bob: Actor, made: str, inside: None
) -> None:
    answer = ask(api, bob, f"SELECT id, email, country FROM {made}.people WHERE id = 7").json()
    assert answer["rows"] == [[7, "[REDACTED:email]", "FR"]]
    assert answer["redacted"] == ["email"]
    row = CatalogColumn.objects.get(table__dataset=made, table__name="people", name="email")
    assert (row.pii_kind, row.pii_tier) == ("email", "high")
    assert "person" not in str(row.pii_evidence)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT p FROM {s}.people p WHERE id = 1", "[REDACTED:date_of_birth]"),
        ("SELECT to_json(p) FROM {s}.people p WHERE id = 1", "[REDACTED:date_of_birth]"),
        ("SELECT mailbox FROM {s}.contacts WHERE id = 1", "[REDACTED:email]"),
        ("SELECT recipient FROM {s}.letters_1 WHERE id = 1", "[REDACTED:email]"),
        ("SELECT max(email) FROM {s}.people", "[REDACTED:email]"),
        ("SELECT count(DISTINCT email) FROM {s}.people", PEOPLE),
        ("SELECT email FROM (VALUES (NULL)) v(email)", None),
    ],
)
def test_values_are_redacted_however_they_are_reached(
    api: Api, bob: Actor, made: str, inside: None, sql: str, expected: Any
) -> None:
    assert rows(api, bob, sql.format(s=made)) == [[expected]]


def test_the_planners_samples_are_redacted_too(api: Api, bob: Actor, made: str, inside: None) -> None:
    rows(api, bob, f"SELECT email FROM {made}.people LIMIT 1")
    sql = "SELECT histogram_bounds::text FROM pg_stats WHERE attname = 'email' LIMIT 1"
    answer = ask(api, bob, sql)
    assert answer.status_code in (200, 422), answer.content
    assert b"person" not in answer.content


def test_an_empty_table_is_looked_at_again_when_it_has_rows(
    api: Api, bob: Actor, made: str, inside: None, acme: TenantRef
) -> None:
    assert rows(api, bob, f"SELECT note FROM {made}.later") == []
    as_owner(
        acme, f"INSERT INTO {made}.later SELECT n, 'a' || n || '@b' || n || '.example' FROM generate_series(1, 50) n"
    )
    CatalogTable.objects.filter(dataset=made, name="later").update(profiled_at="2020-01-01T00:00:00Z")
    recognition.forget()
    assert rows(api, bob, f"SELECT note FROM {made}.later LIMIT 1") == [["[REDACTED:email]"]]


def test_errors_do_not_carry_values(api: Api, bob: Actor, made: str, inside: None) -> None:
    answer = ask(api, bob, f"SELECT email::int FROM {made}.people")
    assert answer.status_code == 400
    assert b"person" not in answer.content
    assert answer.json()["sqlstate"] == "22P02"


def test_a_plan_names_no_constants_of_protected_tables(api: Api, bob: Actor, made: str, inside: None) -> None:
    sql = f"SELECT id FROM {made}.people WHERE email = 'person3@mail3.example'"
    answer = api(bob).post("/api/v1/data/explain", {"sql": sql})
    assert answer.status_code == 200, answer.content
    assert b"person3" not in answer.content


@pytest.mark.parametrize("tail", ["WHERE email LIKE 'person1%'", "WHERE email > 'm'", "ORDER BY email LIMIT 1"])
def test_narrowing_down_a_protected_column_asks_another_person(
    api: Api, bob: Actor, made: str, inside: None, tail: str
) -> None:
    answer = ask(api, bob, f"SELECT id FROM {made}.people {tail}")
    assert answer.status_code == 409, answer.content
    assert answer.json()["approval_id"]
    assert b"person1" not in answer.json()["detail"].encode()


def test_looking_for_a_known_value_runs_and_is_recorded(api: Api, bob: Actor, made: str, inside: None) -> None:
    assert rows(api, bob, f"SELECT id FROM {made}.people WHERE lower(email) = 'person5@mail5.example'") == [[5]]
    entry = Entry.objects.filter(action="security_gate_decision", actor_kind="user").order_by("-seq").first()
    assert entry is not None
    assert "pii_filter:note" in entry.summary["rules"]


def test_clear_text_takes_another_persons_yes_for_exactly_this_statement(
    api: Api, alice: Actor, bob: Actor, made: str, inside: None
) -> None:
    sql = f"SELECT email FROM {made}.people WHERE id = {uuid4().int % PEOPLE + 1}"
    asked = ask(api, bob, sql, clear_pii=True)
    assert asked.status_code == 409, asked.content
    approval = asked.json()["approval_id"]
    assert ask(api, bob, sql, clear_pii=True, approval_id=approval).status_code == 409
    approvals.decide(alice, UUID(approval), approve=True)
    clear = ask(api, bob, sql, clear_pii=True, approval_id=approval)
    assert clear.json()["rows"][0][0].startswith("person")
    entry = Entry.objects.filter(action="security_gate_decision", actor_kind="user").order_by("-seq").first()
    assert entry is not None
    assert entry.summary["pii_clear"] == ["people.email"]
    assert ask(api, bob, sql, approval_id=approval).json()["rows"] == [["[REDACTED:email]"]]
    assert ask(api, alice, sql, clear_pii=True, approval_id=approval).status_code == 409
    assert ask(api, bob, sql + " AND 1 = 1", clear_pii=True, approval_id=approval).status_code == 409


def test_nobody_approves_clear_text_for_themselves(api: Api, alice: Actor, made: str, inside: None) -> None:
    asked = ask(api, alice, f"SELECT email, 1 AS own FROM {made}.people LIMIT 1", clear_pii=True).json()
    answer = api(alice).post(f"/api/v1/approvals/{asked['approval_id']}/approve", {})
    assert answer.status_code == 403


def test_a_holder_sees_clear_text_unless_the_tenant_demands_an_approval(alice: Actor, made: str, inside: None) -> None:
    holder = replace(alice, scopes=alice.scopes | {Scope.PII_READ})
    source, sql = projects.project_id(alice), f"SELECT email FROM {made}.people WHERE id = 2"
    assert execution.run(holder, source, sql).rows == [("person2@mail2.example",)]
    assert execution.run(holder, source, sql, artifact_ref="memo:1").rows == [("[REDACTED:email]",)]
    settings.change(alice, pii_clear_needs_approval=True)
    try:
        assert execution.run(holder, source, sql).rows == [("[REDACTED:email]",)]
    finally:
        settings.change(alice, pii_clear_needs_approval=False)


def test_every_night_all_tables_are_looked_at_again(made: str, inside: None, acme: TenantRef) -> None:
    CatalogTable.objects.filter(dataset=made, name="contacts").delete()
    recognition.nightly("", acme)
    assert CatalogTable.objects.filter(dataset=made, name="contacts", profile__signature__isnull=False).exists()


def test_a_table_that_cannot_be_looked_at_has_its_texts_protected(
    api: Api, bob: Actor, made: str, inside: None, acme: TenantRef
) -> None:
    number = "CASE WHEN id > 1 THEN (country || id)::int ELSE id END"
    as_owner(acme, f"CREATE VIEW {made}.broken AS SELECT id, {number} AS n, country AS c FROM {made}.people")
    assert rows(api, bob, f"SELECT id, c FROM {made}.broken WHERE id = 1") == [[1, "[REDACTED:unrecognised]"]]
