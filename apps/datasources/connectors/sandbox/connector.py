"""The sandbox warehouse as a connector: BigQuery SQL in, answered by a warm, locked-in DuckDB over Parquet files."""

import difflib
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow

from apps.core import clock
from apps.core.errors import AtomError, InvalidInput
from apps.datasources.connectors.protocol import Connection
from apps.datasources.connectors.sandbox import faults, files
from apps.datasources.connectors.sandbox.errors import translated
from apps.datasources.connectors.sandbox.pool import pool
from apps.datasources.connectors.sandbox.watchdog import watchdog
from apps.datasources.contracts import (
    IntrospectedColumn,
    IntrospectedTable,
    ResultColumn,
    ResultSet,
    TestReport,
    TestStep,
)
from apps.datasources.engine.bigquery import estimate
from apps.datasources.engine.bigquery.compiled import Plan, compile_select
from apps.datasources.engine.bigquery.errors import BigQuerySqlError
from apps.datasources.engine.bigquery.schema import Warehouse, WarehouseTable, only
from apps.datasources.engine.bigquery.types import from_duckdb
from apps.datasources.selectors import warehouse as manifest
from apps.policies.contracts import Allow, ColumnView, Estimate, Permit, Rewrite, TableRef, TableView
from apps.policies.enums import Accuracy, Dialect, TargetKind

_PLANS = 512
_BATCH = 10_000
_plans: OrderedDict[tuple[str, str, str], Plan] = OrderedDict()
_plans_lock = threading.Lock()


class SandboxConnector:
    """One tenant's sandbox warehouse, seen through one datasource."""

    type = "sandbox"
    dialect = Dialect.BIGQUERY
    billed_by_bytes = True
    simulated = True

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tenant = connection.tenant
        self._mock: Mapping[str, Any] = connection.config.get("mock") or {}
        self._datasets: Sequence[str] = connection.config.get("datasets") or ()
        self._warehouse: Warehouse | None = None

    @property
    def target(self) -> TargetKind:
        """Never real execution."""
        return TargetKind.SANDBOX

    @property
    def version(self) -> str:
        """The number of the newest commit."""
        return self.warehouse.version

    @property
    def warehouse(self) -> Warehouse:
        """The tables this datasource shows, as of the moment it was opened."""
        if self._warehouse is None:
            whole = manifest.load()
            if self._datasets:
                chosen = {name.lower() for name in self._datasets}
                whole = Warehouse(whole.version, tuple(t for t in whole.tables if t.dataset.lower() in chosen))
            self._warehouse = whole
        return self._warehouse

    def validate(self) -> Sequence[str]:
        """Warn of datasets that do not exist yet."""
        known = {name.lower() for name in manifest.load().datasets}
        return [f"There is no dataset “{name}” yet." for name in self._datasets if name.lower() not in known]

    def test(self) -> TestReport:
        """Open the warehouse, ask it for 1, list its tables, read a row."""
        steps: list[TestStep] = []
        for name, check in (("Open the warehouse", self._check_open), ("List tables", self._check_tables)):
            started = time.perf_counter()
            try:
                message, passed = check(), True
            except AtomError as error:
                message, passed = error.message, False
            steps.append(TestStep(name, passed, message, round((time.perf_counter() - started) * 1000, 1)))
            if not passed:
                break
        return TestReport(tuple(steps), simulated=True)

    def _check_open(self) -> str:
        faults.apply(self._connection.datasource_id, self._mock, "test")
        self._fetched("SELECT 1", rows=1, seconds=10, job_id=f"test-{self._tenant.id}")
        return "DuckDB answers, locked into this tenant's own folder."

    def _check_tables(self) -> str:
        tables = self.warehouse.tables
        if not tables:
            return "The warehouse is empty: load the demo company or your own files."
        return f"{len(tables)} tables, {sum(table.rows for table in tables):,} rows."

    def introspect(self, datasets: Sequence[str] | None = None) -> Sequence[IntrospectedTable]:
        """From the manifest; nothing is scanned."""
        faults.apply(self._connection.datasource_id, self._mock, "introspect")
        wanted = [name.lower() for name in datasets] if datasets else None
        return [_described(t) for t in self.warehouse.tables if wanted is None or t.dataset.lower() in wanted]

    def table(self, ref: TableRef) -> TableView | None:
        """One table, its partition column and its size."""
        found = self.warehouse.find(ref.name, ref.dataset, ref.project)
        if found is None:
            return None
        column = found.column(found.partition_column) if found.partition_column else None
        return TableView(
            TableRef(found.name, found.dataset),
            tuple(ColumnView(c.name, c.type) for c in found.columns),
            found.partition_column,
            column.type if column else None,
            found.partition_column,
            found.rows,
        )

    def similar(self, ref: TableRef) -> Sequence[str]:
        """Up to three names like the one asked for."""
        names = {f"{table.dataset}.{table.name}": table for table in only(self.warehouse.tables, "")}
        asked = f"{ref.dataset}.{ref.name}".strip(".").lower()
        close = difflib.get_close_matches(asked, [name.lower() for name in names], n=3, cutoff=0.5)
        same_name = [name for name, table in names.items() if table.name.lower() == ref.name.lower()]
        return list(dict.fromkeys([*same_name, *(name for name in names if name.lower() in close)]))[:3]

    def dry_run(self, sql: str) -> Estimate:
        """Bytes of the columns and partitions the statement touches; raises InvalidInput where it would not run."""
        faults.apply(self._connection.datasource_id, self._mock, "dry_run")
        plan = self._plan(sql)
        scans = estimate.scans_of(plan, self.warehouse, clock.now())
        sampled = any(scan.sampled < 1 for scan in plan.scans)
        size = int(self._mock.get("bytes_scanned_estimate", estimate.processed(scans)))
        rows = sum(one.rows for one in scans)
        return Estimate(size, rows=rows, accuracy=Accuracy.UPPER_BOUND if sampled else Accuracy.PRECISE)

    def execute(self, permit: Permit, *, job_id: str) -> ResultSet:
        """Run the permitted statement on exactly the files its conditions leave."""
        if not isinstance(permit, Allow | Rewrite):
            raise TypeError("A connector runs nothing without a permit of the gate.")
        partial = faults.apply(self._connection.datasource_id, self._mock, "execute")
        plan = self._plan(permit.sql)
        scans = estimate.scans_of(plan, self.warehouse, clock.now())
        billed = estimate.billed(scans)
        text = estimate.runnable(plan, scans, self.warehouse)
        seconds = permit.timeout_ms / 1000
        types, rows, more = self._fetched(text, rows=permit.row_limit, seconds=seconds, job_id=job_id)
        columns = tuple(ResultColumn(name, kind) for name, kind in zip(plan.outputs, types, strict=True))
        warnings = ("PARTIAL_RESULTS: the warehouse gave only part of the rows.",) if partial else ()
        kept = rows[: len(rows) // 2] if partial else rows
        return ResultSet(columns, kept, estimate.processed(scans), billed, more or partial, warnings)

    def cancel(self, job_id: str) -> bool:
        """Interrupt a statement of this process."""
        return watchdog.cancel(job_id)

    def sample(self, ref: TableRef, *, rows: int) -> str:
        """The newest partition where there is one, else the head of the table."""
        found = self.warehouse.find(ref.name, ref.dataset)
        if found is None:
            raise InvalidInput(f"There is no table {ref}.")
        days = [file.partition for file in found.files if file.partition is not None]
        condition = f" WHERE `{found.partition_column}` >= '{max(days)}'" if days and found.partition_column else ""
        return f"SELECT * FROM `{found.dataset}`.`{found.name}`{condition} LIMIT {int(rows)}"  # noqa: S608 - own names

    def close(self) -> None:
        """Nothing to do: the warm connection belongs to the process."""

    def _plan(self, sql: str) -> Plan:
        key = (str(self._tenant.id), f"{self.warehouse.version}:{','.join(self._datasets)}", sql)
        with _plans_lock:
            plan = _plans.get(key)
            if plan is not None:
                _plans.move_to_end(key)
                return plan
        try:
            plan = compile_select(sql, self.warehouse)
        except BigQuerySqlError as error:
            place = {"line": error.line, "column": error.column, "reason": error.reason}
            raise InvalidInput(str(error), code="VALIDATION_FAILED", extra=place) from error
        with _plans_lock:
            _plans[key] = plan
            while len(_plans) > _PLANS:
                _plans.popitem(last=False)
        return plan

    def _fetched(
        self, text: str, *, rows: int, seconds: float, job_id: str
    ) -> tuple[list[str], list[tuple[Any, ...]], bool]:
        folder, spill = files.folder_of(self._tenant.id), files.spill_of(self._tenant.id)
        with (
            pool.cursor(self._tenant.id, folder, spill) as cursor,
            watchdog.watching(cursor, seconds, job_id) as watch,
        ):
            try:
                _single_select(text)
                relation = cursor.sql(text)
                types = [from_duckdb(str(kind)) for kind in relation.types]
                batches, more = _bounded(relation.to_arrow_reader(_BATCH), rows)
            except duckdb.Error as error:
                reason = translated(error, expired=watch.expired, cancelled=watch.cancelled, seconds=seconds)
                raise reason from error
        return types, _as_rows(batches, types), more


def _single_select(text: str) -> None:
    """The last line of defence: DuckDB's own parser has to see one SELECT."""
    statements = duckdb.extract_statements(text)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InvalidInput("Exactly one SELECT runs here.", code="VALIDATION_FAILED")


def _bounded(reader: pyarrow.RecordBatchReader, rows: int) -> tuple[list[pyarrow.RecordBatch], bool]:
    batches: list[pyarrow.RecordBatch] = []
    left = rows
    for batch in reader:
        if batch.num_rows > left:
            return [*batches, batch.slice(0, left)], True
        batches.append(batch)
        left -= batch.num_rows
    return batches, False


def _as_rows(batches: list[pyarrow.RecordBatch], types: Sequence[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for batch in batches:
        values = [_values(column, kind) for column, kind in zip(batch.columns, types, strict=True)]
        rows.extend(zip(*values, strict=True))
    return rows


def _values(column: pyarrow.Array, kind: str) -> list[Any]:
    """Python values; a sum of integers comes as DECIMAL(38, 0) and is an INT64 to BigQuery."""
    values: list[Any] = column.to_pylist()
    if kind == "INT64" and pyarrow.types.is_decimal(column.type):
        return [None if value is None else int(value) for value in values]
    return values


def _described(table: WarehouseTable) -> IntrospectedTable:
    return IntrospectedTable(
        dataset=table.dataset,
        name=table.name,
        columns=tuple(IntrospectedColumn(c.name, c.type, description=c.description) for c in table.columns),
        row_count=table.rows,
        bytes=table.bytes,
        partition_column=table.partition_column,
        description=table.description,
    )
