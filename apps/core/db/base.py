"""Database backend: the tenant of the context becomes role and search_path of the connection.

Built on django-tenants' backend. One round trip enters a tenant: SET ROLE to the tenant's role and its search_path
together. A connection that goes back to the pool carries neither. It guards against mistakes of ours; no SQL of a
user or a model ever runs on these connections, since whoever may SET ROLE may also RESET it.
"""

from typing import Any

import psycopg
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsWrapper

from apps.core import tenant as tenant_context
from apps.core.errors import TenantChangedInTransaction
from apps.core.tenant import TenantRef

_PUBLIC = ("none", "public")
_ENTER = "SELECT set_config('role', %s, false), set_config('search_path', %s, false)"
_BECOME = "SELECT set_config('role', %s, true), set_config('search_path', %s, true)"


def _standing(tenant: TenantRef) -> tuple[str, str]:
    """Role and search_path of a tenant; `prepared.ENTERING` says the same in SQL."""
    return (tenant.role_name, f'"{tenant.schema_name}", public')


class DatabaseWrapper(TenantsWrapper):  # type: ignore[misc]
    """Follows the tenant ContextVar; with ATOM_EXPLICIT_SCHEMA (the admin alias) it follows set_schema() instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._explicit_schema = "public"
        self._applied: tuple[str, str] | None = None
        self._in_transaction_as: tuple[str, str] | None = None
        self._after_commit: tuple[str, str] | None = None
        self._applying = False
        super().__init__(*args, **kwargs)

    @property
    def follows_context(self) -> bool:
        """Whether the tenant comes from the ContextVar (all processes) or is set by hand (migrations)."""
        return not self.settings_dict.get("ATOM_EXPLICIT_SCHEMA", False)

    @property
    def schema_name(self) -> str:
        """Schema that the next cursor will use."""
        if not self.follows_context:
            return self._explicit_schema
        entered = tenant_context.current()
        return entered.schema_name if entered else "public"

    @schema_name.setter
    def schema_name(self, value: str | None) -> None:
        self._explicit_schema = value or "public"

    def _wanted(self) -> tuple[str, str]:
        if not self.follows_context:
            schema = self._explicit_schema
            return ("none", schema if schema == "public" else f'"{schema}", public')
        entered = tenant_context.current()
        return _PUBLIC if entered is None else _standing(entered)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Take a connection (clean: the pool's reset or a fresh login) and forget what the last one carried."""
        self._applied = _PUBLIC
        self._in_transaction_as = None
        return super().get_new_connection(conn_params)

    def close(self) -> None:
        """Give the connection back; its state is the pool's business from here."""
        self._applied = None
        super().close()

    def _set_autocommit(self, autocommit: bool) -> None:
        # Role and path are set before BEGIN, so that a rollback cannot take them away half-way.
        if not autocommit and self.connection is not None:
            self.enter_tenant()
            self._in_transaction_as = self._wanted()
        super()._set_autocommit(autocommit)
        if autocommit:
            self._in_transaction_as = None
            if self._after_commit is not None:
                self._applied, self._after_commit = self._after_commit, None

    def rollback(self) -> None:
        """Roll back and forget the state: a SET inside the transaction is undone with it."""
        self._applied = self._after_commit = None
        super().rollback()
        self._applied = None

    def savepoint_rollback(self, sid: str) -> None:
        """Roll back to a savepoint and forget the state, as for a whole rollback."""
        super().savepoint_rollback(sid)
        self._applied = None

    def _handle_search_path(self, cursor: Any = None) -> None:
        self.enter_tenant()

    def note_entered(self, tenant: TenantRef) -> None:
        """A statement has entered this tenant itself."""
        self._applied = _standing(tenant)

    def become_until_commit(self) -> None:
        """Let the rest of this transaction be the tenant of the context: the one change of tenant inside one.

        For the last statement before COMMIT, which takes role and search_path back with it.
        """
        wanted = self._wanted()
        if wanted == self._in_transaction_as:
            return
        with self.wrap_database_errors, psycopg.Cursor(self.connection) as cursor:
            cursor.execute(_BECOME, wanted, prepare=True)
        self._after_commit = self._applied
        self._applied = self._in_transaction_as = wanted

    def forget_entered(self) -> None:
        """Nobody knows what a statement that failed has left behind."""
        self._applied = None

    def enter_tenant(self) -> None:
        """Make role and search_path those of the context; sends nothing when they are so already."""
        if self._applying:
            return
        wanted = self._wanted()
        if self._in_transaction_as is not None and wanted != self._in_transaction_as:
            raise TenantChangedInTransaction("The tenant cannot change inside a transaction.")
        if wanted == self._applied:
            return
        self._applying = True
        try:
            with psycopg.Cursor(self.connection) as cursor:
                cursor.execute(_ENTER, wanted, prepare=True)
            self._applied = wanted
        except psycopg.errors.InFailedSqlTransaction:
            self._applied = None  # only a ROLLBACK can follow; the caller's statement reports the failure
        finally:
            self._applying = False
