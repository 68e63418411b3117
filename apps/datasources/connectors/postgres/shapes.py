"""The structure of a Postgres database as lineage needs it: columns, definitions of views, parents of partitions.

Unlike the listing of `catalog` this knows every relation the login may read, partitions too, however it is named.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from apps.datasources.contracts import TableShape

FRESH_SECONDS: Final = 5.0
_RELATIONS: Final = """
SELECT n.nspname, c.relname, c.relkind::text,
       coalesce((SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
         FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) ELSE '' END,
       coalesce((WITH RECURSIVE up(oid) AS (SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid
           UNION SELECT i.inhparent FROM pg_inherits i JOIN up ON i.inhrelid = up.oid)
         SELECT json_agg(json_build_array(pn.nspname, p.relname)) FROM up JOIN pg_class p ON p.oid = up.oid
         JOIN pg_namespace pn ON pn.oid = p.relnamespace), '[]')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_%' AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
ORDER BY 1, 2
"""
_KINDS: Final = {"r": "table", "p": "table", "v": "view", "m": "materialized_view", "f": "foreign_table"}


@dataclass(frozen=True, slots=True)
class Structure:
    """All relations by schema and name; `version` changes with any of them."""

    tables: Mapping[tuple[str, str], TableShape]
    version: str
    read_at: float = field(compare=False, default=0.0)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.read_at < FRESH_SECONDS

    def find(self, path: Sequence[str]) -> TableShape | None:
        """The relation named `name`, `schema.name` or `database.schema.name`; `public` where no schema is named."""
        return self.tables.get((path[-2] if len(path) > 1 else "public", path[-1]))


def read(connection: psycopg.Connection[Any]) -> Structure:
    """The structure now, as this login sees it. One statement."""
    with connection.pipeline():
        connection.execute("BEGIN READ ONLY", prepare=False)
        cursor = connection.execute(_RELATIONS, prepare=False)
        connection.execute("ROLLBACK", prepare=False)
    rows = cursor.fetchall()
    version = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
    return Structure({(row[0], row[1]): _shape(row) for row in rows}, version, time.monotonic())


def _shape(row: tuple[Any, ...]) -> TableShape:
    schema, name, kind, columns, definition, parents = row
    return TableShape(
        schema, name, tuple((column, type_) for column, type_ in columns), definition or "",
        tuple((dataset, parent) for dataset, parent in parents), _KINDS[kind],
    )  # fmt: skip
