"""Where a tenant's warehouse lies on disk, and how rows become immutable Parquet files with their logical sizes."""

# ruff: noqa: S608 - names and paths are our own and quoted

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import duckdb

from apps.core.ids import new_id
from apps.datasources.engine.bigquery.estimate import quoted
from apps.datasources.engine.bigquery.schema import Column
from apps.datasources.engine.bigquery.types import size_sql
from atom_project.config import config

_DAY = "__day"
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that exists on disk but that no manifest names yet; `path` is relative to the tenant's folder."""

    path: str
    partition: date | None
    rows: int
    column_bytes: dict[str, int]
    file_bytes: int
    sha256: str


def folder_of(tenant_id: UUID) -> Path:
    """The tenant's own folder: the only one its queries can reach."""
    return (config.state_dir / "warehouse" / str(tenant_id)).resolve()


def spill_of(tenant_id: UUID) -> Path:
    """Where the tenant's queries put what memory does not hold; one per process."""
    return (config.state_dir / "tmp" / "warehouse" / f"{tenant_id}-{os.getpid()}").resolve()


def staging_of(tenant_id: UUID) -> Path:
    """Where the tenant's uploads wait to be read."""
    return (config.state_dir / "staging" / str(tenant_id)).resolve()


def identifier(name: str) -> str:
    """A quoted DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def write(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    *,
    tenant_id: UUID,
    columns: Sequence[Column],
    partition_column: str | None = None,
) -> list[WrittenFile]:
    """Write the rows of `source` (a FROM item) below the tenant's folder, one folder a load, one file a day.

    Nothing is visible to queries until a commit lists the files; after a failure the load's folder is removed.
    """
    root = folder_of(tenant_id)
    load = root / new_id().hex
    load.mkdir(parents=True)
    try:
        _copy(connection, source, load, columns, partition_column)
        return _described(connection, root, load, columns)
    except BaseException:
        shutil.rmtree(load, ignore_errors=True)
        raise


def _copy(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    load: Path,
    columns: Sequence[Column],
    partition_column: str | None,
) -> None:
    names = ", ".join(identifier(column.name) for column in columns)
    if partition_column is None:
        target = quoted(str(load / "data.parquet"))
        connection.execute(f"COPY (SELECT {names} FROM {source}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
        return
    key = identifier(partition_column)
    rows = f"SELECT {names}, CAST({key} AS DATE) AS {_DAY} FROM {source} ORDER BY {_DAY}, {key}"
    options = f"FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({_DAY})"
    connection.execute(f"COPY ({rows}) TO {quoted(str(load))} ({options})")


def _described(
    connection: duckdb.DuckDBPyConnection, root: Path, load: Path, columns: Sequence[Column]
) -> list[WrittenFile]:
    paths = sorted(load.rglob("*.parquet"))
    sizes = ", ".join(size_sql(identifier(column.name), column.type) for column in columns)
    listed = ", ".join(quoted(str(path)) for path in paths)
    rows = connection.execute(
        f"SELECT filename, count(*), {sizes} FROM read_parquet([{listed}], hive_partitioning=false, filename=true) "
        "GROUP BY filename"
    ).fetchall()
    measured = {row[0]: row[1:] for row in rows}
    return [_file(path, root, columns, measured.get(str(path), (0, *(0 for _ in columns)))) for path in paths]


def _file(path: Path, root: Path, columns: Sequence[Column], measured: Sequence[int]) -> WrittenFile:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    path.chmod(0o440)
    sizes = {column.name: int(size) for column, size in zip(columns, measured[1:], strict=True)}
    relative = str(path.relative_to(root))
    return WrittenFile(relative, _partition(path), int(measured[0]), sizes, path.stat().st_size, digest)


def _partition(path: Path) -> date | None:
    folder = path.parent.name
    if not folder.startswith(f"{_DAY}=") or folder.endswith(_NULL_PARTITION):
        return None
    return date.fromisoformat(folder.split("=", 1)[1])
