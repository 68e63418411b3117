"""What is in a database, in one query over pg_catalog under the read-only role: it sees what that role may read."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from apps.policies.contracts import ColumnView, TableRef, TableView

_KINDS: Final = {"r": "table", "p": "table", "v": "view", "m": "materialized_view", "f": "foreign_table"}
_TABLES: Final = """
SELECT n.nspname, c.relname, c.relkind::text, greatest(c.reltuples, -1)::bigint,
       coalesce((SELECT json_agg(json_build_object(
           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
           'default', pg_get_expr(d.adbin, d.adrelid), 'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
       coalesce((SELECT json_agg(a.attname ORDER BY k.place)
         FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, place)
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = c.oid AND i.indisprimary), '[]'),
       obj_description(c.oid, 'pg_class'), pg_table_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, typed as Postgres prints it."""

    name: str
    type: str
    nullable: bool
    default: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """One relation. `row_estimate` is None where it was never analysed."""

    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    row_estimate: int | None
    comment: str | None
    bytes: int | None


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """Every relation the role may read, by schema and name."""
    with connection.pipeline():
        connection.execute("BEGIN READ ONLY", prepare=False)
        cursor = connection.execute(_TABLES, prepare=False)
        connection.execute("ROLLBACK", prepare=False)
    return [_table(row) for row in cursor.fetchall()]


def _table(row: tuple[Any, ...]) -> Table:
    schema, name, kind, estimate, columns, key, comment, size = row
    return Table(
        schema=schema,
        name=name,
        kind=_KINDS[kind],
        columns=tuple(Column(**column) for column in columns),
        primary_key=tuple(key),
        row_estimate=estimate if estimate >= 0 else None,
        comment=comment,
        bytes=size,
    )


def view_of(table: Table) -> TableView:
    """The table as the gate needs it."""
    ref = TableRef(table.name, table.schema)
    columns = tuple(ColumnView(column.name, column.type) for column in table.columns)
    return TableView(ref, columns, row_count=table.row_estimate)


def near(ref: TableRef, known: Sequence[Table]) -> list[str]:
    """Names close to one that does not exist."""
    names = {table.name: f"{table.schema}.{table.name}" for table in known}
    return [names[name] for name in difflib.get_close_matches(ref.name, names, n=3)]
