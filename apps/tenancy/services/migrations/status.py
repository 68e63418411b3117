"""What a run did in each schema, kept in `public`; and how every schema stands against the code and the template."""

from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings

from apps.tenancy.models import Tenant
from apps.tenancy.services import grants
from apps.tenancy.services.migrations import plan
from apps.tenancy.services.migrations.connections import connect

TEMPLATE: Final = "tenant_template"


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """What happened (ok, failed, current) or how it stands (current, behind, ahead, drifted, missing)."""

    schema: str
    state: str
    applied: tuple[str, ...] = ()
    error: str = ""
    duration_ms: float = 0.0


def keep(results: list[SchemaResult]) -> None:
    """Write the outcome of each schema to `tenancy_schemastatus`, one row each."""
    expected = expected_fingerprint()  # reads all migrations on disk: once, not for each schema
    with connect() as raw:
        raw.cursor().executemany(
            """
            INSERT INTO public.tenancy_schemastatus
                   (schema_name, fingerprint, state, applied, error, duration_ms, finished_at)
            VALUES (%s, %s, %s, %s, %s, %s, now())
            ON CONFLICT (schema_name) DO UPDATE SET state = excluded.state, applied = excluded.applied,
                   fingerprint = excluded.fingerprint, error = excluded.error, duration_ms = excluded.duration_ms,
                   finished_at = now()
            """,
            [
                (r.schema, expected if _is_whole(r) else "", r.state, len(r.applied), r.error, r.duration_ms)
                for r in results
            ],
        )


def expected_fingerprint() -> str:
    """Of a tenant schema in which every migration on disk is applied."""
    return plan.fingerprint(plan.relevant(settings.TENANT_LABELS, plan.disk_loader()))


def _is_whole(result: SchemaResult) -> bool:
    return result.state in ("ok", "current") and result.schema != "public"


def check() -> list[SchemaResult]:
    """How every tenant schema stands: migrations, structure against the template, rights. Three catalog queries in all,
    and one for the rights of each; the outcome is kept like that of a run."""
    wanted = plan.relevant(settings.TENANT_LABELS, plan.disk_loader())
    tenants = list(Tenant.objects.using(plan.ALIAS).all())
    with connect() as raw:
        cursor = raw.cursor()
        shapes = _shapes(cursor)
        present = [TEMPLATE, *(t.schema_name for t in tenants if t.schema_name in shapes)]
        applied = plan.applied_everywhere(cursor, [schema for schema in present if schema in shapes])
        found = [_standing(schema, applied[schema], wanted, shapes) for schema in applied]
        rights = {t.schema_name: _rights(cursor, t) for t in tenants if t.schema_name in shapes}
    found += [SchemaResult(t.schema_name, "missing") for t in tenants if t.schema_name not in shapes]
    results = [_with_rights(each, rights.get(each.schema, "")) for each in found]
    keep(results)
    return results


def _standing(
    schema: str, done: frozenset[plan.Key], wanted: frozenset[plan.Key], shapes: dict[str, str]
) -> SchemaResult:
    missing, unknown = sorted(wanted - done), sorted(done - wanted)
    if missing:
        return SchemaResult(schema, "behind", error="lacks " + _named(missing))
    if unknown:
        return SchemaResult(schema, "ahead", error="holds unknown " + _named(unknown))
    if shapes[schema] != shapes.get(TEMPLATE):
        return SchemaResult(schema, "drifted", error="its tables differ from the template's")
    return SchemaResult(schema, "current")


def _named(keys: list[plan.Key]) -> str:
    return ", ".join(".".join(key) for key in keys)[:400]


def _rights(cursor: Any, tenant: Tenant) -> str:
    return "; ".join(grants.deviations(cursor, tenant.schema_name, tenant.role_name))[:400]


def _with_rights(result: SchemaResult, deviations: str) -> SchemaResult:
    if not deviations or result.state != "current":
        return result
    return replace(result, state="drifted", error=f"rights: {deviations}")


def _shapes(cursor: Any) -> dict[str, str]:
    """A hash of tables, columns, indexes and constraints per schema; names of schemas do not enter into it.

    Neither do conditions: the same one, dumped and read again, is printed in other words.
    """
    cursor.execute(
        """
        SELECT schema, md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
            SELECT n.nspname AS schema, 'column ' || c.relname || ' ' || a.attname || ' '
                   || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull AS line
              FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE 'tenant\\_%%'
            UNION ALL
            SELECT n.nspname, 'index ' || i.indisvalid
                   || split_part(replace(pg_get_indexdef(i.indexrelid), n.nspname || '.', ''), ' WHERE ', 1)
              FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname LIKE 'tenant\\_%%'
            UNION ALL
            SELECT n.nspname, 'constraint ' || k.conname || CASE WHEN k.contype <> 'c'
                   THEN replace(pg_get_constraintdef(k.oid), n.nspname || '.', '') ELSE '' END
              FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
             WHERE n.nspname LIKE 'tenant\\_%%' AND k.contype <> 'n'
        ) AS parts GROUP BY schema
        """,
        None,
    )
    return dict(cursor.fetchall())
