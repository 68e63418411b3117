"""What is in a database, in one query over pg_catalog under the read-only role: it sees what that role may read."""

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from apps.policies.contracts import ColumnView, TableRef, TableView

_KINDS: Final = {"r": "table", "p": "table", "v": "view", "m": "materialized_view", "f": "foreign_table"}
_TABLES: Final = """
SELECT n.nspname, c.relname, c.relkind::text,
       CASE c.relkind WHEN 'p' THEN coalesce((SELECT sum(greatest(l.reltuples, 0)) FROM pg_partition_tree(c.oid) t
         JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf), 0) ELSE greatest(c.reltuples, -1) END::bigint,
       coalesce((SELECT json_agg(json_build_object(
           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
           'default', pg_get_expr(d.adbin, d.adrelid), 'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
       coalesce((SELECT json_agg(a.attname ORDER BY k.place)
         FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, place)
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = c.oid AND i.indisprimary), '[]'),
       obj_description(c.oid, 'pg_class'), pg_table_size(c.oid),
       (SELECT json_build_array(a.attname, format_type(a.atttypid, NULL)) FROM pg_partitioned_table p
         JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
         WHERE p.partrelid = c.oid AND p.partstrat IN ('r', 'l')),
       coalesce((SELECT json_agg(DISTINCT jsonb_build_array(a.attname, a.atttypid IN (1082, 1114, 1184), i.indisunique))
         FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL), '[]')
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
    partition: tuple[str, str] | None = None
    """Column and type by which it is cut into ranges or lists; hash partitions are read together anyway."""
    time_column: str | None = None
    """A date or time that leads an index."""
    key_columns: tuple[str, ...] = ()
    """What leads a unique index."""


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """Every relation the role may read, by schema and name."""
    with connection.pipeline():
        connection.execute("BEGIN READ ONLY", prepare=False)
        cursor = connection.execute(_TABLES, prepare=False)
        connection.execute("ROLLBACK", prepare=False)
    return [_table(row) for row in cursor.fetchall()]


def _table(row: tuple[Any, ...]) -> Table:
    schema, name, kind, estimate, columns, key, comment, size, partition, leading = row
    return Table(
        schema=schema,
        name=name,
        kind=_KINDS[kind],
        columns=tuple(Column(**column) for column in columns),
        primary_key=tuple(key),
        row_estimate=estimate if estimate >= 0 else None,
        comment=comment,
        bytes=size,
        partition=(partition[0], partition[1]) if partition else None,
        time_column=next((column for column, is_time, _ in leading if is_time), None),
        key_columns=tuple(dict.fromkeys(column for column, _, is_unique in leading if is_unique)),
    )


def view_of(table: Table) -> TableView:
    """The table as the gate needs it."""
    ref = TableRef(table.name, table.schema)
    columns = tuple(ColumnView(column.name, column.type) for column in table.columns)
    column, kind = table.partition or (None, None)
    return TableView(
        ref, columns, column, kind, table.time_column, row_count=table.row_estimate, key_columns=table.key_columns
    )


def bounds_of(found: Sequence[Table]) -> str:
    """Changes with whatever a verdict about a bound rests on; sizes by their order, or every insert would change it."""
    facts = [
        (each.schema, each.name, each.partition, each.time_column, each.key_columns, len(str(each.row_estimate or 0)))
        for each in found
        if each.partition or each.time_column
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def near(ref: TableRef, known: Sequence[Table]) -> list[str]:
    """Names close to one that does not exist."""
    names = {table.name: f"{table.schema}.{table.name}" for table in known}
    return [names[name] for name in difflib.get_close_matches(ref.name, names, n=3)]
