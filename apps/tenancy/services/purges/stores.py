"""Every place where a tenant leaves traces: how much is there, and how it goes.

`count(tenant)` answers what is there by item, all zero once it is gone; it runs in `web` for the preview and in the
worker before and after the removal, so it never needs the owner's rights and never fails on what is missing already.
The apps above add their own stores (`registry.register_store`).
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from psycopg import sql

from apps.core import redis as redis_pool
from apps.core import tenant as tenant_context
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.models import Invitation, Letter, Membership, PageSession, Tenant, User
from atom_project.config import config

Counts = dict[str, int]
SMALL_TABLE_BYTES: Final = 64 << 20
# Rows that outlive the tenant on purpose: its receipt, and its audit trail under pseudonyms.
KEPT: Final = frozenset({"tenancy_purge"})
_BATCH: Final = 1000
# Signed heads of audit chains: what proves the trail whole must not go with it.
_KEPT_FOLDERS: Final = frozenset({"audit-anchors"})
_DEPTH: Final = 2
_OF_A_TENANT: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Store:
    """A kind of place; without `remove` its parts go with another store or with the undo of provisioning."""

    name: str
    count: Callable[[TenantRef], Counts]
    remove: Callable[[TenantRef], None] | None = None


def all_stores() -> list[Store]:
    """Ours, and those the apps above registered."""
    others = [
        Store(store.name, import_string(store.count), import_string(store.remove) if store.remove else None)
        for store in registry.stores()
    ]
    return [
        Store("schema", count_schema),
        Store("cluster", count_cluster),
        *others,
        Store("files", count_files, remove_files),
        Store("redis", count_redis, remove_redis),
        Store("people", count_people, remove_people),
        Store("shared tables", count_shared_rows, remove_shared_rows),
    ]


def count_all(tenant: TenantRef) -> dict[str, Counts]:
    """What is there, by store."""
    with tenant_context.entered(None):
        return {store.name: store.count(tenant) for store in all_stores()}


def remove_all(tenant: TenantRef) -> None:
    """Remove what is left of every store; repeating it is harmless."""
    with tenant_context.entered(None):
        for store in all_stores():
            if store.remove is not None:
                store.remove(tenant)


def is_clean(counts: dict[str, Counts]) -> bool:
    """Whether nothing at all is left."""
    return not any(value for items in counts.values() for value in items.values())


def count_schema(tenant: TenantRef) -> Counts:
    """Rows by table: counted where the table is small, else the planner's estimate. Empty tables are not named."""
    with tenant_context.entered(tenant if _exists("pg_namespace", "nspname", tenant.schema_name) else None):
        sizes = _rows(
            "SELECT relname, reltuples::bigint, pg_relation_size(oid), has_table_privilege(oid, 'SELECT') FROM pg_class"
            " WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'p') AND relname <> 'django_migrations'",
            [f'"{tenant.schema_name}"'],
        )
        exact = [name for name, _, size, may_read in sizes if size < SMALL_TABLE_BYTES and may_read]
        found = {name: max(0, int(estimate)) for name, estimate, *_ in sizes if name not in exact}
        found |= dict(_exact_counts(tenant.schema_name, exact))
    return {name: rows for name, rows in sorted(found.items()) if rows}


def _exact_counts(schema: str, tables: list[str]) -> list[tuple[str, int]]:
    if not tables:
        return []
    each = sql.SQL("SELECT {name}, count(*) FROM {table}")
    parts = [each.format(name=sql.Literal(name), table=sql.Identifier(schema, name)) for name in tables]
    with connection.cursor() as cursor:
        return _rows(sql.SQL(" UNION ALL ").join(parts).as_string(cursor.connection), [])


def count_cluster(tenant: TenantRef) -> Counts:
    """Schemas, databases and roles that carry the tenant's id in their name."""
    like = f"%{tenant.id.hex}%"
    (row,) = _rows(
        "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname LIKE %s),"
        " (SELECT count(*) FROM pg_database WHERE datname LIKE %s),"
        " (SELECT count(*) FROM pg_roles WHERE rolname LIKE %s)",
        [like, like, like],
    )
    return dict(zip(("schemas", "databases", "roles"), row, strict=True))


def count_files(tenant: TenantRef) -> Counts:
    """Folders and files of the state folder that carry the tenant's id in their name."""
    return {"entries": len(_files(tenant))}


def remove_files(tenant: TenantRef) -> None:
    """What the undo of provisioning does not know of."""
    for path in _files(tenant):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _files(tenant: TenantRef) -> list[Path]:
    spelled, top, found = (tenant.id.hex, str(tenant.id)), config.state_dir, []
    for place, inner, names in os.walk(top, followlinks=True):
        depth = len(Path(place).relative_to(top).parts)
        inner[:] = [name for name in inner if name not in _KEPT_FOLDERS]
        if depth:
            found += [Path(place, name) for name in (*inner, *names) if any(each in name for each in spelled)]
        # Not into a tenant's folder: ours goes whole, and others may be many, or going away at this moment.
        inner[:] = [name for name in inner if depth < _DEPTH and not _OF_A_TENANT.search(name)]
    return found


def count_redis(tenant: TenantRef) -> Counts:
    """Keys that carry the tenant's id, whatever their prefix."""
    return {"keys": sum(1 for _ in _keys(tenant))}


def remove_redis(tenant: TenantRef) -> None:
    """Unlink them in batches."""
    client, batch = redis_pool.client(), []
    for key in _keys(tenant):
        batch.append(key)
        if len(batch) == _BATCH:
            client.unlink(*batch)
            batch = []
    if batch:
        client.unlink(*batch)


def _keys(tenant: TenantRef) -> Iterator[Any]:
    for name in (tenant.id.hex, str(tenant.id)):
        yield from redis_pool.client().scan_iter(match=f"*{name}*", count=_BATCH)


def count_people(tenant: TenantRef) -> Counts:
    """Memberships, and the people who are in no other tenant and run nothing."""
    members = Membership.objects.filter(tenant_id=tenant.id).count()
    return {
        "memberships": members,
        "people without another workspace": only_here(tenant).count(),
        "letters waiting": _letters(tenant).count(),
    }


def remove_people(tenant: TenantRef) -> None:
    """People of this tenant alone go with all they have; the others lose their membership."""
    _letters(tenant).delete()
    PageSession.objects.filter(user_id__in=only_here(tenant).values("id")).delete()  # no key to the user
    only_here(tenant).delete()
    Membership.objects.filter(tenant_id=tenant.id).delete()


def _letters(tenant: TenantRef) -> QuerySet[Letter]:
    """Mail not sent yet about the tenant's invitations and memberships, or to people of this tenant alone."""
    about = (
        Invitation.objects.filter(tenant_id=tenant.id)
        .values("id")
        .union(Membership.objects.filter(tenant_id=tenant.id).values("id"))
    )
    return Letter.objects.filter(Q(subject_id__in=about) | Q(address__in=only_here(tenant).values("email")))


def only_here(tenant: TenantRef) -> QuerySet[User]:
    """People who are in this tenant and in no other, and run nothing."""
    elsewhere = Membership.objects.exclude(tenant_id=tenant.id).values("user_id")
    here = Membership.objects.filter(tenant_id=tenant.id).values("user_id")
    return User.objects.filter(id__in=here, is_staff=False, is_superuser=False).exclude(id__in=elsewhere)


def count_shared_rows(tenant: TenantRef) -> Counts:
    """Rows of `public` that name the tenant, by table; found from the catalog, so a new table is not forgotten."""
    found = {}
    for table, columns in tables_with_tenant().items():
        text = sql.SQL("SELECT count(*) FROM public.{} WHERE {}").format(sql.Identifier(table), _of(tenant, columns))
        found[table] = _one(text, [])
    found["tenancy_tenant"] = Tenant.objects.filter(id=tenant.id).count()
    return {name: rows for name, rows in found.items() if rows}


def remove_shared_rows(tenant: TenantRef) -> None:
    """Delete them, the tenant's own row last (what refers to it by a key goes along)."""
    known = {field.related_model._meta.db_table for field in Tenant._meta.related_objects}
    for table, columns in tables_with_tenant(deletable=True).items():
        if table not in known:
            text = sql.SQL("DELETE FROM public.{} WHERE {}").format(sql.Identifier(table), _of(tenant, columns))
            with connection.cursor() as cursor:
                cursor.execute(text.as_string(cursor.connection))
    Tenant.objects.filter(id=tenant.id).delete()


def _of(tenant: TenantRef, columns: list[tuple[str, str]]) -> sql.Composed:
    """The condition on a table's rows that are the tenant's, whichever way they name it."""
    values = {
        "tenant": sql.SQL("{column} = {id}"),
        "membership": sql.SQL("{column} IN (SELECT id FROM public.tenancy_membership WHERE tenant_id = {id})"),
        "slug": sql.SQL("{column} = {slug}"),
        "schema": sql.SQL("{column} = {schema}"),
    }
    given = {"id": sql.Literal(tenant.id), "slug": sql.Literal(tenant.slug), "schema": sql.Literal(tenant.schema_name)}
    parts = [values[kind].format(column=sql.Identifier(column), **given) for column, kind in columns]
    return sql.SQL(" OR ").join(parts)


def tables_with_tenant(*, deletable: bool = False) -> dict[str, list[tuple[str, str]]]:
    """Tables of `public` whose rows may be a tenant's, from the catalog: by table, each column that says so and how.

    With `deletable` those alone from which this role may delete: the owner's go with the undo of provisioning.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind, may_delete in _rows(_NAMING, []):
        if table not in KEPT and not table.startswith("audit_") and (may_delete or not deletable):
            found.setdefault(table, []).append((column, kind))
    return found


_NAMING: Final = """
SELECT c.relname, a.attname, named.kind, has_table_privilege(c.oid, 'DELETE')
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
 CROSS JOIN LATERAL (SELECT CASE
       WHEN a.attname = 'tenant_id' OR k.confrelid = 'public.tenancy_tenant'::regclass THEN 'tenant'
       WHEN k.confrelid = 'public.tenancy_membership'::regclass THEN 'membership'
       WHEN a.attname = 'tenant_slug' THEN 'slug'
       WHEN a.attname = 'schema_name' THEN 'schema' END) AS named (kind)
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND c.relname <> 'tenancy_tenant' AND named.kind IS NOT NULL
 ORDER BY 1, 2
"""


def _exists(catalog: str, column: str, name: str) -> bool:
    text = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(sql.Identifier(catalog), sql.Identifier(column))
    return bool(_one(text, [name]))


def _one(text: sql.Composed, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(text.as_string(cursor.connection), values)
        return int(cursor.fetchone()[0])


def _rows(text: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, values or None)
        return list(cursor.fetchall())
