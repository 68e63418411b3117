"""The warehouse as the engine sees it: tables, their partitions, and the logical bytes of every column in each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

PROJECT = "sandbox"
"""The project name every sandbox warehouse answers to."""


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is BigQuery's name: STRING, INT64, ARRAY<STRING>, STRUCT<a INT64>, ..."""

    name: str
    type: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One immutable Parquet file: `partition` is its day, None where the table has none or the value is NULL."""

    path: str
    partition: date | None
    rows: int
    column_bytes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WarehouseTable:
    dataset: str
    name: str
    columns: tuple[Column, ...]
    files: tuple[DataFile, ...] = ()
    partition_column: str | None = None
    description: str = ""
    modified: str = ""

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        return sum(sum(file.column_bytes.values()) for file in self.files)

    def column(self, name: str) -> Column | None:
        """The column called `name`, letter case ignored."""
        wanted = name.lower()
        return next((column for column in self.columns if column.name.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """All tables of one tenant at one version of the manifest."""

    version: str
    tables: tuple[WarehouseTable, ...]
    _index: dict[tuple[str, str], WarehouseTable] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_name: dict[str, list[WarehouseTable]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for table in self.tables:
            self._index[table.dataset.lower(), table.name.lower()] = table
            self._by_name.setdefault(table.name.lower(), []).append(table)

    def find(self, name: str, dataset: str = "", project: str = "") -> WarehouseTable | None:
        """The table so named. Without a dataset the name has to be unique in the warehouse."""
        if project and project.lower() != PROJECT:
            return None
        if dataset:
            return self._index.get((dataset.lower(), name.lower()))
        named = self._by_name.get(name.lower(), [])
        return named[0] if len(named) == 1 else None

    @property
    def datasets(self) -> tuple[str, ...]:
        return tuple(sorted({table.dataset for table in self.tables}))


def only(tables: Iterable[WarehouseTable], dataset: str) -> tuple[WarehouseTable, ...]:
    """The tables of one dataset; all of them where `dataset` is empty."""
    return tuple(table for table in tables if not dataset or table.dataset.lower() == dataset.lower())
