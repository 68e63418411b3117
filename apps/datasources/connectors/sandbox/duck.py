"""Opens DuckDB in memory, bounded and locked in: it sees the folders it was given and nothing else on the machine.

Locking is in this order because each step removes the means to undo the one before: bounds, folders, no external
access, no extensions, configuration locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from apps.datasources.engine.bigquery.estimate import quoted
from apps.datasources.engine.bigquery.macros import statements


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of the machine one connection may take."""

    memory_mb: int = 512
    threads: int = 2
    spill_mb: int = 2048


def open_locked(
    folders: Sequence[Path], *, bounds: Bounds = Bounds(), spill: Path | None = None, bigquery: bool = True
) -> duckdb.DuckDBPyConnection:
    """A fresh connection that can reach `folders` alone; `spill` is where it may put what memory does not hold."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{bounds.memory_mb}MB",
            "threads": bounds.threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_unsigned_extensions": False,
            "preserve_insertion_order": True,
        },
    )
    for macro in statements() if bigquery else ():
        connection.execute(macro)
    if spill is not None:
        spill.mkdir(parents=True, exist_ok=True)
        connection.execute(f"SET temp_directory = {quoted(str(spill))}")
        connection.execute(f"SET max_temp_directory_size = '{bounds.spill_mb}MB'")
    else:
        connection.execute("SET temp_directory = ''")
    allowed = ", ".join(quoted(f"{folder}/") for folder in folders)
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
