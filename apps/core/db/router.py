"""Database router: shared tables live in `public`, tenant tables in each tenant's schema, never otherwise."""

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Model
from django_tenants.routers import TenantSyncRouter

from apps.core import tenant as tenant_context
from apps.core.errors import NoTenant


class TenantRouter(TenantSyncRouter):  # type: ignore[misc]
    """Refuses a query on a tenant's table with no tenant entered, before any SQL is sent."""

    def _check(self, model: type[Model]) -> None:
        if model._meta.app_label in settings.TENANT_ONLY_LABELS and tenant_context.current() is None:
            raise NoTenant(f"{model._meta.label} belongs to a tenant, and none is entered here.")

    def db_for_read(self, model: type[Model], **hints: Any) -> None:
        """No opinion on the alias; raises NoTenant for a tenant's table outside a tenant."""
        self._check_unless_migrating(model, hints)

    db_for_write = db_for_read

    def _check_unless_migrating(self, model: type[Model], hints: dict[str, Any]) -> None:
        # Historical models of migrations are not our model classes and run on the explicit-schema alias.
        if model.__module__ != "__fake__":
            self._check(model)

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool | None:
        """Relations stay within one side: shared with shared, tenant with tenant."""
        sides = {obj._meta.app_label in settings.TENANT_ONLY_LABELS for obj in (obj1, obj2)}
        return len(sides) == 1

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Shared apps migrate in `public`, tenant apps in tenant schemas, audit in both; only on the admin alias."""
        shared = app_label in settings.SHARED_LABELS
        tenant_side = app_label in settings.TENANT_LABELS
        return shared if getattr(connections[db], "schema_name", "public") == "public" else tenant_side
