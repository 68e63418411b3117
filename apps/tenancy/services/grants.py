"""Applies the rights table of `rights.py` and checks that what the database holds is exactly that."""

from collections.abc import Iterable
from typing import Any

from psycopg import sql

from apps.core.db import roles
from apps.tenancy import rights
from apps.tenancy.services import installation

_Grant = tuple[str, str, str]  # (table, sequence or function; its name; grantee)


def apply_public(cursor: Any) -> None:
    """Rights and forced row-level security of `public`; raises when a table there is not in the rights table."""
    tables = _tables(cursor, "public")
    unknown = tables - set(rights.PUBLIC)
    if unknown:
        raise LookupError(f"no stated right for public tables: {', '.join(sorted(unknown))}")
    for name in sorted(tables):
        _apply_public_table(cursor, name, rights.PUBLIC[name])
    _grant_sequences(cursor)


def _apply_public_table(cursor: Any, name: str, right: rights.PublicTable) -> None:
    parts = {
        "table": sql.Identifier("public", name),
        "app": sql.Identifier(roles.app_role()),
        "owner": sql.Identifier(installation.owner_role()),
        "tenants": sql.Identifier(installation.tenants_role()),
        "rows": sql.SQL(right.rows),  # a constant of the rights table
    }
    statements = ["REVOKE ALL ON {table} FROM PUBLIC, {app}, {tenants}"]
    if right.app:
        statements.append("GRANT " + right.app + " ON {table} TO {app}")
    if right.tenants:
        statements.append("GRANT " + _columns(cursor, name, right.tenants) + " ON {table} TO {tenants}")
    statements += [
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        "DROP POLICY IF EXISTS atom_platform ON {table}",
        "CREATE POLICY atom_platform ON {table} TO {app}, {owner} USING (true) WITH CHECK (true)",
        "DROP POLICY IF EXISTS atom_tenants ON {table}",
        "CREATE POLICY atom_tenants ON {table} TO {tenants} USING ({rows}) WITH CHECK ({rows})",
    ]
    cursor.execute(sql.SQL("; ").join(sql.SQL(text).format(**parts) for text in statements))


def _columns(cursor: Any, table: str, right: str) -> str:
    hidden = rights.HIDDEN_COLUMNS.get(table)
    if not hidden:
        return right
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", [table]
    )
    shown = sorted(row[0] for row in cursor.fetchall() if row[0] not in hidden)
    return f"SELECT ({', '.join(shown)})"


def _grant_sequences(cursor: Any) -> None:
    cursor.execute(
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}").format(
            app=sql.Identifier(roles.app_role())
        )
    )


def tenant_statements(schema: str, role: str, tables: Iterable[str]) -> sql.Composed:
    """All grants of one tenant schema as one text: the default, then what is narrower."""
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    present = set(tables)
    statements = [
        "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {role}",
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT " + rights.TENANT_DEFAULT + " ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}",
    ]
    composed = [sql.SQL(text).format(**names) for text in statements]
    for table in sorted(present & set(rights.TENANT)):
        full = sql.Identifier(schema, table)
        composed.append(sql.SQL("REVOKE ALL ON {table} FROM {role}").format(table=full, **names))
        if right := rights.TENANT[table]:
            composed.append(sql.SQL("GRANT " + right + " ON {table} TO {role}").format(table=full, **names))
    return sql.SQL("; ").join(composed)


def apply_tenant(cursor: Any, schema: str, role: str) -> None:
    """Rights of one tenant schema."""
    cursor.execute(tenant_statements(schema, role, _tables(cursor, schema)))


def ensure_tenant(cursor: Any, schema: str, role: str) -> None:
    """Check the rights of a tenant schema, mend the tables that differ, and raise when that did not help.

    A migration touches few tables, so mending them alone costs a fraction of granting everything anew.
    """
    wrong = _wrong(cursor, schema, role)
    if wrong:
        cursor.execute(_mending(schema, role, {(kind, name) for kind, name, _ in wrong}))
        if left := _described(schema, _wrong(cursor, schema, role)):
            raise LookupError(f"rights differ from the table in code: {'; '.join(left)}")


def deviations(cursor: Any, schema: str, role: str) -> list[str]:
    """Where the rights in a tenant schema differ from the table in code; empty when all is as it should be.

    One catalog query; reads the ACLs, so it sees grants to PUBLIC and to other roles too.
    """
    return _described(schema, _wrong(cursor, schema, role))


def _described(schema: str, wrong: dict[_Grant, str | None]) -> list[str]:
    return [f"{schema}.{key[1]}: {key[2]} has {wrong[key] or 'nothing'}" for key in sorted(wrong)]


def _mending(schema: str, role: str, objects: set[tuple[str, str]]) -> sql.Composed:
    """Grants of these objects anew, and of no other: each grant is a write to the catalog."""
    holder = sql.Identifier(role)
    statements = []
    for kind, name in sorted(objects):
        # A function's name comes from the catalog, quoted and with the types of its arguments.
        what = sql.SQL(name) if kind == "function" else sql.Identifier(schema, name)
        parts = {"kind": sql.SQL(kind), "what": what, "role": holder}
        text = "REVOKE ALL ON {kind} {what} FROM PUBLIC, {role}"
        if right := _expected(kind, name):
            text += "; GRANT " + right + " ON {kind} {what} TO {role}"
        statements.append(sql.SQL(text).format(**parts))
    return sql.SQL("; ").join(statements)


def _wrong(cursor: Any, schema: str, role: str) -> dict[_Grant, str | None]:
    """What is held where it should be something else, by (relation or function, grantee)."""
    cursor.execute(_HELD, {"schema": f'"{schema}"'})
    rows = cursor.fetchall()
    found = {(kind, name, "PUBLIC" if public else who): held for kind, name, public, who, held in rows if public or who}
    expected = {(kind, name, role): _expected(kind, name) for kind, name, *_ in rows}
    keys = found.keys() | expected.keys()
    return {key: found.get(key) for key in keys if found.get(key) != expected.get(key)}


def _expected(kind: str, name: str) -> str | None:
    if kind == "function":
        return "EXECUTE"
    if kind == "sequence":
        return "SELECT, USAGE"
    return ", ".join(sorted(rights.TENANT.get(name, rights.TENANT_DEFAULT).split(", "))) or None


_HELD = """
SELECT o.kind, o.name, a.grantee = 0, CASE WHEN a.grantee > 0 THEN pg_get_userbyid(a.grantee) END,
       string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type)
  FROM (SELECT 'table' AS kind, relname::text AS name, relowner AS owner, coalesce(relacl, acldefault('r', relowner))
          FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'p')
        UNION ALL
        SELECT 'sequence', relname::text, relowner, coalesce(relacl, acldefault('s', relowner))
          FROM pg_class WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'S'
        UNION ALL
        SELECT 'function', oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner))
          FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace) AS o (kind, name, owner, acl)
  LEFT JOIN LATERAL aclexplode(o.acl) a ON a.grantee <> o.owner
 GROUP BY 1, 2, 3, 4
"""


def _tables(cursor: Any, schema: str) -> set[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        # Partitions are reached through their table; nobody has a right on one itself.
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
        [schema],
    )
    return {row[0] for row in cursor.fetchall()}
