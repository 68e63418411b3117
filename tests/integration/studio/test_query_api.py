"""`POST /api/v1/data/query` and its neighbours on the tenant's own studio database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres import connector
from apps.datasources.connectors.postgres.access import secret_name
from apps.datasources.connectors.postgres.catalog import tables, view_of
from apps.datasources.connectors.protocol import Connection
from apps.policies.contracts import ExecutionRequest, Purpose, TargetKind
from apps.policies.services import gate, settings
from apps.policies.services.secrets import SecretsManager
from apps.studio.services import demo, project
from apps.tenancy.services.migrations import runner
from tests.integration.studio.test_project_roles import login
from tests.support import cast

Api = Callable[[Actor | None], Any]
KEYS = {
    "columns", "rows", "row_count", "duration_ms", "query_hash", "cache_hit", "simulated", "redacted", "warnings",
}  # fmt: skip


@pytest.fixture(scope="module")
def demo_acme(world: dict[str, TenantRef]) -> TenantRef:
    """acme with the demo tables."""
    with tenant_context.entered(world["acme"]):
        demo.load_demo(world["acme"])
    return world["acme"]


@pytest.fixture
def owner(demo_acme: TenantRef) -> Iterator[psycopg.Connection]:
    """The project's owner; the tables it makes are gone afterwards."""
    with login(demo_acme, "owner") as connection:
        yield connection
        connection.execute("DROP TABLE IF EXISTS readings, pieces, pings, cut")


def ask(api: Api, who: Actor, sql: str, **body: Any) -> Any:
    return api(who).post("/api/v1/data/query", {"sql": sql, **body})


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT n FROM (SELECT generate_series(1, 500) AS n) AS made LIMIT 99", 99),
        ("SELECT n FROM (SELECT generate_series(1, 500) AS n) AS made LIMIT 100", 100),
        ("SELECT n FROM (SELECT generate_series(1, 500) AS n) AS made LIMIT 101", 101),
        ("SELECT generate_series(1, 500)", 500),
        (f"SELECT 1 GROUP BY GROUPING SETS ({', '.join(['()'] * 150)})", 150),
        (
            "SELECT n / 400 FROM (SELECT generate_series(1, 500) AS n) AS made ORDER BY 1 FETCH FIRST 5 ROWS WITH TIES",
            399,
        ),
    ],
)
def test_no_row_is_lost_where_the_text_says_how_many_there_are(api: Api, bob: Actor, sql: str, rows: int) -> None:
    answer = ask(api, bob, sql)
    assert (answer.status_code, answer.json().get("row_count")) == (200, rows), answer.content


def test_select_1_answers_one_row_of_one(api: Api, bob: Actor) -> None:
    answer = ask(api, bob, "SELECT 1")
    assert answer.status_code == 200, answer.content
    assert answer.json()["rows"] == [[1]]
    assert set(answer.json()) == KEYS
    assert answer.json()["simulated"] is False


def test_the_unversioned_address_is_the_same(api: Api, bob: Actor) -> None:
    assert api(bob).post("/api/data/query", {"sql": "SELECT 1"}).json()["rows"] == [[1]]


def test_demo_tables_are_there(api: Api, bob: Actor, demo_acme: TenantRef) -> None:
    answer = ask(api, bob, "SELECT count(*), min(total) > 0 FROM order_totals")
    assert answer.json()["rows"] == [[4000, True]]


def test_rows_beyond_the_limit_are_left_and_said_so(api: Api, bob: Actor, demo_acme: TenantRef) -> None:
    answer = ask(api, bob, "SELECT id FROM orders ORDER BY id", limit=150).json()
    assert answer["row_count"] == 150
    assert answer["rows"][-1] == [150]
    assert answer["warnings"] == ["Only the first 150 rows were fetched."]


def test_every_kind_of_value_is_json(api: Api, bob: Actor) -> None:
    sql = r"""SELECT 12345678901234567890.12345::numeric, 9007199254740993::int8, 'NaN'::float8, '-infinity'::float8,
      '\xdead'::bytea, 'infinity'::date, '0044-03-15 BC'::date, '[1,5)'::int4range, '{"a": [1, null]}'::jsonb,
      ARRAY[1.50, NULL]::numeric[], NULL, true, '00000000-0000-0000-0000-000000000001'::uuid, interval '1 day 2 hours',
      ROW(1, 'x'), 'NaN'::numeric, '2024-02-29 12:00+02'::timestamptz"""
    row = ask(api, bob, sql).json()["rows"][0]
    assert row == [
        "12345678901234567890.12345", "9007199254740993", "NaN", "-Infinity", "\\xdead", "infinity", "0044-03-15 BC",
        "[1,5)", {"a": [1, None]}, ["1.50", None], None, True, "00000000-0000-0000-0000-000000000001",
        "1 day 02:00:00", "(1,x)", "NaN", "2024-02-29 10:00:00+00",
    ]  # fmt: skip


def test_a_value_of_ten_megabytes_is_cut_with_a_mark(api: Api, bob: Actor) -> None:
    answer = ask(api, bob, "SELECT repeat('x', 10000000)").json()
    assert answer["rows"][0][0].endswith("… [cut: 10000000 characters]")
    assert len(answer["rows"][0][0]) < 20_000
    assert answer["warnings"] == ["1 long values were cut."]


def test_an_error_of_postgres_names_its_place(api: Api, bob: Actor, demo_acme: TenantRef) -> None:
    answer = ask(api, bob, "SELECT id,\n  nonsense FROM orders")
    assert answer.status_code == 400
    problem = answer.json()
    assert (problem["line"], problem["column"], problem["position"]) == (2, 3, 13)
    assert problem["code"] == "SQL_ERROR"
    assert 'olumn "nonsense" does not exist' in problem["detail"]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "SELECT 1; SELECT 2",
        "SELECT set_config('a.b', 'c', false)",
        "SELECT pg_sleep(10)",
        "SELECT * FROM orders FOR UPDATE",
        "COPY orders TO '/tmp/x'",
        "SELECT * INTO copied FROM orders",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "RESET ROLE",
    ],
)
def test_what_is_no_read_is_blocked(api: Api, bob: Actor, demo_acme: TenantRef, sql: str) -> None:
    answer = ask(api, bob, sql)
    assert answer.status_code == 422, answer.content
    assert answer.json()["decision"] == "block"
    assert answer.json()["rules"]


def test_a_partitioned_table_is_read_by_a_bound_on_its_column(
    api: Api, bob: Actor, demo_acme: TenantRef, owner: psycopg.Connection
) -> None:
    owner.execute("CREATE TABLE readings (day date, value int) PARTITION BY RANGE (day)")
    owner.execute("CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')")
    answer = ask(api, bob, "SELECT value FROM readings")
    assert answer.status_code == 409, answer.content
    assert [rule["id"] for rule in answer.json()["rules"] if rule["outcome"] == "ask"] == ["time_filter"]
    assert ask(api, bob, "SELECT value FROM readings WHERE day >= '2024-06-01'").json()["rows"] == []
    assert ask(api, bob, "SELECT value FROM readings_2024").json()["rows"] == []


def test_the_catalog_names_what_a_bound_may_stand_on(demo_acme: TenantRef, owner: psycopg.Connection) -> None:
    owner.execute("CREATE TABLE pieces (id int PRIMARY KEY, at timestamptz, note text) PARTITION BY HASH (id)")
    owner.execute("CREATE TABLE pings (id int PRIMARY KEY, at timestamptz, seen date)")
    owner.execute("CREATE INDEX ON pings (at)")
    owner.execute("CREATE TABLE cut (id int, at timestamptz) PARTITION BY LIST ((id % 7))")
    known = {table.name: view_of(table) for table in tables(owner)}
    facts = {
        name: (known[name].partition_column, known[name].time_column, known[name].key_columns)
        for name in ("pieces", "pings", "cut")
    }
    assert facts == {"pieces": (None, None, ("id",)), "pings": (None, "at", ("id",)), "cut": (None, None, ())}


def test_the_connector_runs_no_permit_but_to_read(alice: Actor, demo_acme: TenantRef) -> None:
    there = connector.PostgresConnector(Connection(demo_acme, None, {}, {}))
    request = ExecutionRequest(
        actor=replace(alice, scopes=alice.scopes | {Scope.STUDIO_WRITE}), connector="postgres", dialect=there.dialect,
        sql="INSERT INTO orders (id) VALUES (0)", purpose=Purpose.WRITE, datasource_id=uuid4(),
        target=TargetKind.STUDIO_PROJECT,
    )  # fmt: skip
    with tenant_context.entered(demo_acme):
        permit = gate.require_permit(gate.decide(request))
    with pytest.raises(InvalidInput) as refused:
        there.execute(permit, job_id="none")
    assert refused.value.code == "READ_ONLY"


def test_select_1_looks_nothing_up(api: Api, bob: Actor, demo_acme: TenantRef) -> None:
    connector._catalogs.clear()
    assert ask(api, bob, "SELECT 1 + 0").json()["rows"] == [[1]]
    assert not connector._catalogs


def test_a_viewer_may_not_run_sql(api: Api, carol: Actor) -> None:
    assert ask(api, carol, "SELECT 1").status_code == 403


def test_nobody_else_reaches_the_database(api: Api, mallory: Actor, bob: Actor, demo_acme: TenantRef) -> None:
    assert ask(api, mallory, "SELECT count(*) FROM customers").status_code == 400
    theirs = ask(api, mallory, "SELECT current_database()").json()["rows"][0][0]
    ours = ask(api, bob, "SELECT current_database()").json()["rows"][0][0]
    assert theirs != ours


def test_tables_are_listed_with_columns_and_keys(api: Api, carol: Actor, demo_acme: TenantRef) -> None:
    tables = {table["name"]: table for table in api(carol).get("/api/v1/data/tables").json()["tables"]}
    assert set(tables) >= {"customers", "products", "orders", "order_items", "order_totals", "monthly_revenue"}
    assert tables["order_items"]["primary_key"] == ["order_id", "line"]
    assert tables["monthly_revenue"]["kind"] == "materialized_view"
    assert tables["customers"]["columns"][0]["name"] == "id"
    assert tables["orders"]["row_estimate"] == 4000


def test_explain_gives_the_plan_and_runs_nothing(api: Api, bob: Actor, demo_acme: TenantRef) -> None:
    answer = api(bob).post("/api/v1/data/explain", {"sql": "SELECT * FROM orders WHERE customer_id = 5"}).json()
    assert answer["rows"] < 100
    assert answer["plan"]["Plan"]["Node Type"]


def test_an_unknown_member_of_the_body_is_refused(api: Api, bob: Actor) -> None:
    assert ask(api, bob, "SELECT 1", nonsense=1).status_code == 400


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 1; -- trailing words; DROP TABLE orders", [[1]]),
        ("-- leading words\nSELECT 1", [[1]]),
        ("TABLE products LIMIT 0", []),
        ("VALUES (1), (2)", [[1], [2]]),
        ("SELECT '100%', 'é'", [["100%", "é"]]),
        ("WITH orders AS (SELECT 7 AS id) SELECT * FROM orders", [[7]]),
        ("SELECT current_setting IS NULL FROM (SELECT NULL AS current_setting) s", [[True]]),
    ],
)
def test_the_text_runs_as_it_is(api: Api, bob: Actor, demo_acme: TenantRef, sql: str, rows: list[list[Any]]) -> None:
    answer = ask(api, bob, sql)
    assert answer.status_code == 200, answer.content
    assert answer.json()["rows"] == rows


def test_a_statement_that_runs_too_long_is_stopped_and_the_next_one_runs(api: Api, fresh_tenant: TenantRef) -> None:
    frida = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    with tenant_context.entered(fresh_tenant):
        settings.change(Actor.system(fresh_tenant), timeout_ms=1_000)
    slow = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000) b"
    answer = ask(api, frida, slow)
    assert answer.status_code == 504, answer.content
    assert answer.json()["code"] == "TIMEOUT"
    assert ask(api, frida, "SELECT 1").json()["rows"] == [[1]]


def test_the_caller_is_known_to_row_level_security(api: Api, fresh_tenant: TenantRef) -> None:
    frida = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    as_owner(
        fresh_tenant,
        "CREATE TABLE notes (owner uuid, text text)",
        "ALTER TABLE notes ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON notes FOR SELECT USING"
        " (owner = (SELECT (current_setting('request.jwt.claims')::jsonb ->> 'sub')::uuid))",
        f"INSERT INTO notes VALUES ('{frida.id}', 'mine'), (gen_random_uuid(), 'theirs')",
    )
    assert ask(api, frida, "SELECT text FROM notes").json()["rows"] == [["mine"]]


def as_owner(tenant: TenantRef, *statements: str) -> None:
    system = Actor.system(tenant)
    with tenant_context.entered(tenant):
        password = SecretsManager().reveal(secret_name("owner"), actor=system, purpose="test")
    with runner.connect() as beside, project.owner_connection(beside, tenant, password) as owner:
        for statement in statements:
            owner.execute(statement)


def test_each_answer_leaves_one_row_in_the_audit_trail(api: Api, bob: Actor, acme: TenantRef) -> None:
    def decisions() -> list[str]:
        with tenant_context.entered(acme):
            rows = Entry.objects.filter(action="security_gate_decision", sha256=mark).order_by("seq")
            return [f"{row.decision}:{row.outcome}" for row in rows]

    sql = f"SELECT '{uuid4()}'"
    mark = ask(api, bob, sql).json()["query_hash"]
    assert decisions() == ["allow:executed"]
    mark = ask(api, bob, sql + " FOR UPDATE").json()["query_hash"]
    assert decisions() == ["block:refused"]
