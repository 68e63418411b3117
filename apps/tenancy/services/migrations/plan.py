"""Which migrations a schema lacks, and their SQL: collected once where a migration is pure schema."""

import hashlib
from dataclasses import dataclass
from typing import Any, cast

from django.db import connections
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.state import ProjectState

from apps.core.db.base import DatabaseWrapper

ALIAS = "admin"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One migration to apply; `statements` is None where Python must run (RunPython)."""

    key: Key
    statements: tuple[str, ...] | None
    atomic: bool = True


def admin_connection() -> DatabaseWrapper:
    """Django's connection of the owner, whose schema is set by hand."""
    return cast("DatabaseWrapper", connections[ALIAS])


def key_of(migration: Migration) -> Key:
    """How a migration is recorded."""
    return (migration.app_label, migration.name)


def fingerprint(keys: set[Key] | frozenset[Key]) -> str:
    """Hash of a set of applied migrations: equal sets mean equal schemas."""
    return hashlib.sha256("\n".join(f"{app}.{name}" for app, name in sorted(keys)).encode()).hexdigest()


def relevant(labels: frozenset[str], loader: MigrationLoader) -> frozenset[Key]:
    """All migrations on disk of these apps."""
    return frozenset(key for key in loader.disk_migrations if key[0] in labels)


def disk_loader() -> MigrationLoader:
    """The migrations on disk, without looking at any database."""
    return MigrationLoader(None, ignore_no_migrations=True)


def ordered(loader: MigrationLoader, targets: frozenset[Key]) -> list[Migration]:
    """Migrations of `targets` and what they depend on, in the order they must run."""
    seen: list[Key] = []
    for leaf in sorted(key for key in loader.graph.leaf_nodes() if key in targets):
        for key in loader.graph.forwards_plan(leaf):
            if key not in seen:
                seen.append(key)
    return [loader.graph.nodes[key] for key in seen if key in targets]


def is_pure_schema(migration: Migration) -> bool:
    """Whether the migration is only schema operations or SQL, so that its SQL can be replayed as text."""
    return not any(_runs_python(operation) for operation in migration.operations)


def _runs_python(operation: Any) -> bool:
    if isinstance(operation, SeparateDatabaseAndState):
        return any(_runs_python(inner) for inner in operation.database_operations)
    return isinstance(operation, RunPython)


def applied_in(cursor: Any, schema: str) -> frozenset[Key]:
    """Migrations recorded in a schema; empty when it has no record yet."""
    cursor.execute("SELECT to_regclass(%s)", [f'"{schema}".django_migrations'])
    if cursor.fetchone()[0] is None:
        return frozenset()
    cursor.execute(f'SELECT app, name FROM "{schema}".django_migrations')  # noqa: S608 - our own schema name
    return frozenset((app, name) for app, name in cursor.fetchall())


def applied_everywhere(cursor: Any, schemas: list[str]) -> dict[str, frozenset[Key]]:
    """Migrations recorded in each of the schemas, in one statement."""
    if not schemas:
        return {}
    parts = [
        f"SELECT '{schema}', app, name FROM \"{schema}\".django_migrations"  # noqa: S608 - our own schema names
        for schema in schemas
    ]
    cursor.execute(" UNION ALL ".join(parts))
    found: dict[str, set[Key]] = {schema: set() for schema in schemas}
    for schema, app, name in cursor.fetchall():
        found[schema].add((app, name))
    return {schema: frozenset(keys) for schema, keys in found.items()}


def collect(schema: str, migrations: list[Migration], loader: MigrationLoader, done: frozenset[Key]) -> list[Step]:
    """The SQL of each pure-schema migration, collected on `schema` (which must stand at `done`), in one pass."""
    state = _state_at(loader, done)
    steps = []
    for migration in migrations:
        key = (migration.app_label, migration.name)
        if is_pure_schema(migration):
            statements, state = _sql_of(schema, migration, state)
            steps.append(Step(key, statements, migration.atomic))
        else:
            state = migration.mutate_state(state, preserve=True)
            steps.append(Step(key, None))
    return steps


def _state_at(loader: MigrationLoader, done: frozenset[Key]) -> ProjectState:
    nodes = [key for key in done if key in loader.graph.nodes]
    # Models of shared apps must exist in the state too: tenant models may refer to none, but generic ones do.
    return loader.project_state(nodes or [], at_end=True) if nodes else ProjectState(real_apps=loader.unmigrated_apps)


def _sql_of(schema: str, migration: Migration, state: ProjectState) -> tuple[tuple[str, ...], ProjectState]:
    connection = admin_connection()
    connection.set_schema(schema)
    try:
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        # Deferred statements (indexes, constraints) are collected when the editor closes.
        return tuple(line for line in editor.collected_sql if not line.startswith("--")), state
    finally:
        connection.set_schema_to_public()


def run_python_migration(schema: str, key: Key) -> None:
    """Apply one migration by Django's own executor in `schema` (for migrations that run Python)."""
    connection = admin_connection()
    connection.set_schema(schema)
    try:
        executor = MigrationExecutor(connection)
        executor.migrate([key])
    finally:
        connection.set_schema_to_public()
