"""The Postgres connector: the tenant's studio project, or any Postgres the tenant connects."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg

from apps.core.errors import AtomError, InvalidInput
from apps.datasources.connectors.postgres import catalog, pools, read, shapes
from apps.datasources.connectors.postgres.access import access, is_studio, password
from apps.datasources.connectors.postgres.errors import translated
from apps.datasources.connectors.protocol import Connection
from apps.datasources.contracts import (
    IntrospectedColumn,
    IntrospectedTable,
    ResultColumn,
    ResultSet,
    TableShape,
    TestReport,
    TestStep,
)
from apps.policies.contracts import Accuracy, Dialect, Estimate, Permit, Purpose, TableRef, TableView, TargetKind

_EXPLAIN: Final = "EXPLAIN (FORMAT JSON) "
_CATALOG_SECONDS: Final = 5.0
_VERDICT_SECONDS: Final = 300.0
_PLAN_TIMEOUT_MS: Final = 10_000

_catalogs: dict[str, tuple[float, tuple[catalog.Table, ...]]] = {}
_bounds: dict[tuple[UUID, UUID | None, str], str] = {}
_structures: dict[str, shapes.Structure] = {}


def _named(path: tuple[str, str], known: Sequence[catalog.Table]) -> catalog.Table | None:
    return next((each for each in known if (each.schema, each.name) == path), None)


class PostgresConnector:
    """Reads only. Cheap to build; its connections live in `pools`."""

    type = "postgres"
    dialect = Dialect.POSTGRES
    billed_by_bytes = False
    simulated = False

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def target(self) -> TargetKind:
        """The tenant's own studio project, or somebody's real database."""
        return TargetKind.STUDIO_PROJECT if is_studio(self._connection) else TargetKind.EXTERNAL_POSTGRES

    @property
    def version(self) -> str:
        """Hash of where it points, and of the bounds its tables ask for as far as they are known here.

        Nothing is looked up for it: a verdict is thought over every few minutes instead, which costs no query.
        """
        return f"{self._place[-1]}.{_bounds.get(self._place, '')}.{int(time.monotonic() / _VERDICT_SECONDS)}"

    @property
    def _place(self) -> tuple[UUID, UUID | None, str]:
        """Whose datasource, and a hash of where it points."""
        config = hashlib.sha256(str(sorted(self._connection.config.items())).encode()).hexdigest()[:16]
        return self._connection.tenant.id, self._connection.datasource_id, config

    def validate(self) -> Sequence[str]:
        """Raises InvalidInput for a configuration that points where it must not."""
        access(self._connection)
        return []

    def test(self) -> TestReport:
        """Log in, look for a write right, count the tables."""
        steps: list[TestStep] = []
        for name, check in (("connect", self._version), ("read only", self._is_read_only), ("tables", self._count)):
            started = time.perf_counter()
            try:
                message, passed = check(), True
            except AtomError as error:
                message, passed = error.message, False
            steps.append(TestStep(name, passed, message, (time.perf_counter() - started) * 1000))
            if not passed:
                break
        return TestReport(tuple(steps))

    def introspect(self, datasets: Sequence[str] | None = None) -> Sequence[IntrospectedTable]:
        """Tables and columns from pg_catalog."""
        return [_introspected(table) for table in self.tables(fresh=True) if not datasets or table.schema in datasets]

    def tables(self, *, fresh: bool = False) -> tuple[catalog.Table, ...]:
        """Every relation the read-only role may read; remembered for a few seconds."""
        key = access(self._connection).key
        known = _catalogs.get(key)
        if known and not fresh and time.monotonic() - known[0] < _CATALOG_SECONDS:
            return known[1]
        with self._open() as connection:
            found = tuple(catalog.tables(connection))
        _catalogs[key] = (time.monotonic(), found)
        _bounds[self._place] = catalog.bounds_of(found)
        return found

    def table(self, ref: TableRef) -> TableView | None:
        """The table, looked for in `public` when the SQL names no schema; once more when it may be new."""
        path = (ref.dataset or "public", ref.name)
        found = _named(path, self.tables()) or _named(path, self.tables(fresh=True))
        return catalog.view_of(found) if found else None

    def shape(self, path: Sequence[str]) -> TableShape | None:
        """The relation for lineage; one that is not known is looked for once more."""
        found = self.structure().find(path)
        return found or self.structure(fresh=True).find(path) if len(path) < 3 else found

    @property
    def structure_version(self) -> str:
        """Changes with any relation, column or definition of a view."""
        return self.structure().version

    def structure(self, *, fresh: bool = False) -> shapes.Structure:
        """Every relation this login may read; remembered for a few seconds."""
        key = access(self._connection).key
        known = _structures.get(key)
        if known is None or fresh or not known.is_fresh:
            with self._open() as connection:
                known = _structures[key] = shapes.read(connection)
        return known

    def similar(self, ref: TableRef) -> Sequence[str]:
        """Names close to one that does not exist."""
        return catalog.near(ref, self.tables())

    def dry_run(self, sql: str) -> Estimate:
        """Postgres bills no bytes: the planner's rows, and the bytes it expects to hand out."""
        plan = self._plan(sql)["Plan"]
        rows, width = int(plan.get("Plan Rows", 0)), int(plan.get("Plan Width", 0))
        return Estimate(bytes=rows * width, rows=rows, accuracy=Accuracy.PLANNER)

    def plan(self, permit: Permit) -> dict[str, Any]:
        """EXPLAIN, without ANALYZE, of a permitted text as the role that would run it."""
        return self._plan(permit.sql)

    def _plan(self, sql: str) -> dict[str, Any]:
        text = (_EXPLAIN + sql).encode()
        with self._open() as connection:
            try:
                with connection.pipeline():
                    connection.execute("BEGIN READ ONLY", prepare=False)
                    connection.execute(f"SET LOCAL statement_timeout = {_PLAN_TIMEOUT_MS}", prepare=False)
                    connection.execute("SET LOCAL standard_conforming_strings = on", prepare=False)
                    cursor = connection.execute(text, prepare=False)
                    connection.execute("ROLLBACK", prepare=False)
                row = cursor.fetchone()
            except psycopg.Error as error:
                raise translated(error, sql=sql, prefix=len(_EXPLAIN)) from error
        if row is None:
            raise InvalidInput("This statement has no plan.", code="SQL_ERROR")
        plan: dict[str, Any] = row[0][0]
        return plan

    def execute(self, permit: Permit, *, job_id: str) -> ResultSet:
        """Run exactly `permit.sql` as the read-only role and roll back. Permits to write are not for this path."""
        if permit.request.purpose is not Purpose.READ:
            raise InvalidInput("Statements that write cannot run here yet.", code="READ_ONLY")
        with self._open() as connection:
            _running[job_id] = connection
            try:
                fetched = read.fetch(connection, permit)
            finally:
                _running.pop(job_id, None)
        warnings = ("The result was cut at 64 MB.",) if fetched.cut_by_size else ()
        columns = tuple(ResultColumn(name, kind) for name, kind in fetched.columns)
        return ResultSet(columns, fetched.rows, fetched.bytes, 0, fetched.truncated, warnings)

    def cancel(self, job_id: str) -> bool:
        """Cancel a statement that runs in this process."""
        connection = _running.get(job_id)
        if connection is None:
            return False
        connection.cancel_safe(timeout=2)
        return True

    def sample(self, ref: TableRef, *, rows: int) -> str:
        """A bounded sample of a table."""
        names = [part for part in (ref.dataset, ref.name) if part]
        quoted = ".".join('"' + name.replace('"', '""') + '"' for name in names)
        return f"SELECT * FROM {quoted} LIMIT {int(rows)}"  # noqa: S608  # names are quoted, rows is an integer

    def close(self) -> None:
        """What a trial opened ends here; other idle connections end by their pool's own rules."""
        if self._connection.is_trial:
            self.end()

    def end(self) -> None:
        """Close the pool of this login in this process: its secret is no longer the current one."""
        key = access(self._connection).key
        _catalogs.pop(key, None)
        pools.discard(key)

    @contextmanager
    def _open(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with pools.connection(access(self._connection), lambda: password(self._connection)) as connection:
                yield connection
        except psycopg.Error as error:
            raise translated(error) from error

    def _version(self) -> str:
        with self._open() as connection:
            return f"PostgreSQL {connection.info.server_version // 10000}"

    def _is_read_only(self) -> str:
        with self._open() as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
                " AND n.nspname NOT LIKE 'pg\\_%' AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE')"
            ).fetchone()
        writable = row[0] if row else 0
        return f"Warning: this login may write to {writable} tables." if writable else "This login may not write."

    def _count(self) -> str:
        return f"{len(self.tables(fresh=True))} tables are readable."


_running: dict[str, psycopg.Connection[Any]] = {}


def forget(tenant_id: UUID) -> None:
    """Close what this process holds for a tenant."""
    _catalogs.clear()
    _structures.clear()
    pools.close(tenant_id)


def _introspected(table: catalog.Table) -> IntrospectedTable:
    columns = tuple(
        IntrospectedColumn(column.name, column.type, column.nullable, column.comment or "") for column in table.columns
    )
    return IntrospectedTable(
        table.schema, table.name, columns, table.kind, table.row_estimate, table.bytes, description=table.comment or ""
    )
