"""The dry run: bytes a plan would process, as BigQuery counts them, and the files each scan has to open.

Bytes = the logical bytes of the columns referenced, in the partitions that constant bounds leave. COUNT(*) reads
nothing; a LIMIT changes nothing. Billing rounds up to whole MB, 10 MB at least a table; the estimate does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.datasources.engine.bigquery import information_schema
from apps.datasources.engine.bigquery.compiled import Plan, Scan
from apps.datasources.engine.bigquery.pruning import ranges_of, touched
from apps.datasources.engine.bigquery.schema import DataFile, Warehouse, WarehouseTable
from apps.datasources.engine.bigquery.types import to_duckdb

_MB = 1_000_000
_FLOOR = 10 * _MB


@dataclass(frozen=True, slots=True)
class ScanEstimate:
    scan: Scan
    files: tuple[DataFile, ...]
    partitions: int
    partitions_total: int
    bytes: int
    rows: int


def scans_of(plan: Plan, warehouse: Warehouse, now: datetime) -> tuple[ScanEstimate, ...]:
    """One estimate a scan, in the order of the plan."""
    return tuple(_estimated(scan, warehouse, now) for scan in plan.scans)


def processed(scans: Sequence[ScanEstimate]) -> int:
    """The dry run's figure, `totalBytesProcessed`."""
    return sum(one.bytes for one in scans)


def billed(scans: Sequence[ScanEstimate]) -> int:
    """What on-demand billing would charge for: whole MB, at least 10 MB a table that is read."""
    return sum(max(_FLOOR, -(-one.bytes // _MB) * _MB) for one in scans if one.bytes)


def _estimated(scan: Scan, warehouse: Warehouse, now: datetime) -> ScanEstimate:
    table = None if scan.view else warehouse.find(scan.table, scan.dataset)
    if table is None:
        return ScanEstimate(scan, (), 0, 0, 0, 0)
    files = _files(scan, table, now)
    wanted = [column.name for column in table.columns if column.name.lower() in scan.columns]
    size = sum(file.column_bytes.get(name, 0) for file in files for name in wanted)
    days = {file.partition for file in files}
    every = {file.partition for file in table.files}
    rows = sum(file.rows for file in files)
    return ScanEstimate(scan, files, len(days), len(every), round(size * scan.sampled), round(rows * scan.sampled))


def _files(scan: Scan, table: WarehouseTable, now: datetime) -> tuple[DataFile, ...]:
    if table.partition_column is None:
        return table.files
    return touched(table.files, ranges_of(scan.conditions, table.partition_column, now))


def runnable(plan: Plan, scans: Sequence[ScanEstimate], warehouse: Warehouse) -> str:
    """The DuckDB text with every slot filled by exactly the files its scan reads."""
    text = plan.duckdb_sql
    for one in scans:
        text = text.replace(f'"{one.scan.slot}"', _source(one, warehouse))
    return text


def _source(one: ScanEstimate, warehouse: Warehouse) -> str:
    if one.scan.view:
        return information_schema.values_sql(one.scan.view, one.scan.dataset, warehouse)
    if one.files:
        return f"read_parquet([{', '.join(quoted(file.path) for file in one.files)}], hive_partitioning=false)"
    table = warehouse.find(one.scan.table, one.scan.dataset)
    assert table is not None
    nulls = ", ".join(f'CAST(NULL AS {to_duckdb(column.type)}) AS "{column.name}"' for column in table.columns)
    return f"(SELECT {nulls} WHERE FALSE)"


def quoted(text: str) -> str:
    """A DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"
