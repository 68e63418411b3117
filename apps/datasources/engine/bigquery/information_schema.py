"""INFORMATION_SCHEMA of the sandbox, answered from the manifest: columns of each view and their rows."""

# ruff: noqa: S608 - literals are quoted

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from apps.datasources.engine.bigquery.schema import PROJECT, Warehouse, WarehouseTable, only
from apps.datasources.engine.bigquery.types import to_duckdb

_NAMES = {"table_catalog": "STRING", "table_schema": "STRING", "table_name": "STRING"}
VIEWS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "SCHEMATA": {"catalog_name": "STRING", "schema_name": "STRING", "location": "STRING"},
    "TABLES": {**_NAMES, "table_type": "STRING", "is_insertable_into": "STRING"},
    "COLUMNS": {
        **_NAMES, "column_name": "STRING", "ordinal_position": "INT64", "is_nullable": "STRING", "data_type": "STRING",
        "is_partitioning_column": "STRING", "clustering_ordinal_position": "INT64",
    },
    "PARTITIONS": {
        **_NAMES, "partition_id": "STRING", "total_rows": "INT64", "total_logical_bytes": "INT64",
        "storage_tier": "STRING",
    },
    "TABLE_STORAGE": {**_NAMES, "total_rows": "INT64", "total_partitions": "INT64", "total_logical_bytes": "INT64"},
})  # fmt: skip
Row = tuple[str | int | None, ...]


def values_sql(view: str, dataset: str, warehouse: Warehouse) -> str:
    """A DuckDB subquery with the rows of `view`; of one dataset, or of all where `dataset` is empty."""
    columns = VIEWS[view]
    rows = list(_ROWS[view](warehouse, dataset))
    names = ", ".join(f'"{name}"' for name in columns)
    if not rows:
        nulls = ", ".join(f'CAST(NULL AS {to_duckdb(kind)}) AS "{name}"' for name, kind in columns.items())
        return f"(SELECT {nulls} WHERE FALSE)"
    listed = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)
    return f"(SELECT * FROM (VALUES {listed}) AS v({names}))"


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _schemata(warehouse: Warehouse, dataset: str) -> Iterator[Row]:
    return ((PROJECT, name, "local") for name in warehouse.datasets if not dataset or name.lower() == dataset.lower())


def _names(table: WarehouseTable) -> tuple[str, str, str]:
    return PROJECT, table.dataset, table.name


def _tables(warehouse: Warehouse, dataset: str) -> Iterator[Row]:
    return ((*_names(table), "BASE TABLE", "NO") for table in only(warehouse.tables, dataset))


def _columns(warehouse: Warehouse, dataset: str) -> Iterator[Row]:
    for table in only(warehouse.tables, dataset):
        for place, column in enumerate(table.columns, start=1):
            partitioning = "YES" if column.name == table.partition_column else "NO"
            yield (*_names(table), column.name, place, "YES", column.type, partitioning, None)


def _partitions(warehouse: Warehouse, dataset: str) -> Iterator[Row]:
    for table in only(warehouse.tables, dataset):
        found: dict[str | None, tuple[int, int]] = {}
        for file in table.files:
            null = "__NULL__" if table.partition_column else None
            key = file.partition.strftime("%Y%m%d") if file.partition else null
            rows, size = found.get(key, (0, 0))
            found[key] = rows + file.rows, size + sum(file.column_bytes.values())
        for key, (rows, size) in found.items():
            yield (*_names(table), key, rows, size, "ACTIVE")


def _storage(warehouse: Warehouse, dataset: str) -> Iterator[Row]:
    for table in only(warehouse.tables, dataset):
        partitions = len({file.partition for file in table.files}) if table.partition_column else 0
        yield (*_names(table), table.rows, partitions, table.bytes)


_ROWS: dict[str, Callable[[Warehouse, str], Iterator[Row]]] = {
    "SCHEMATA": _schemata,
    "TABLES": _tables,
    "COLUMNS": _columns,
    "PARTITIONS": _partitions,
    "TABLE_STORAGE": _storage,
}
