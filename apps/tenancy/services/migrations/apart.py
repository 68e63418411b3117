"""Migrations that cannot run inside a transaction (CREATE INDEX CONCURRENTLY), statement by statement, resumable."""

from typing import Any

from psycopg import errors, sql

from apps.tenancy.services.migrations import plan


def apply(raw: Any, schema: str, step: plan.Step) -> None:
    """Run what a kill has not let run yet; an index it left invalid is made anew."""
    cursor = raw.cursor()
    if is_recorded(cursor, schema, step.key):
        return
    _drop_invalid_indexes(cursor, schema)
    cursor.execute("SELECT set_config('search_path', %s, false)", [f'"{schema}", public'])
    try:
        for statement in step.statements or ():
            _run_once(cursor, statement)
        record(cursor, schema, step.key)
    finally:
        cursor.execute("RESET search_path")


def is_recorded(cursor: Any, schema: str, key: plan.Key) -> bool:
    """Whether the migration is in the schema's record."""
    text = sql.SQL("SELECT 1 FROM {}.django_migrations WHERE app = %s AND name = %s").format(sql.Identifier(schema))
    return cursor.execute(text, list(key)).fetchone() is not None


def record(cursor: Any, schema: str, key: plan.Key) -> None:
    """Write the migration into the schema's record."""
    text = "INSERT INTO {}.django_migrations (app, name, applied) VALUES (%s, %s, now())"
    cursor.execute(sql.SQL(text).format(sql.Identifier(schema)), list(key))


def _run_once(cursor: Any, statement: str) -> None:
    try:
        cursor.execute(statement, prepare=False)
    except errors.DuplicateTable:  # an index that was finished before the kill
        if "CONCURRENTLY" not in statement.upper():
            raise


def _drop_invalid_indexes(cursor: Any, schema: str) -> None:
    cursor.execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE NOT i.indisvalid AND c.relnamespace = to_regnamespace(%s)",
        [f'"{schema}"'],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(schema, name)))
