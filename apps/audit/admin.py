"""The admin's base classes, both sites' audit lists. Every change made in an admin is an audit entry.

Two sites: the operators' at `/admin/` (models of `public`) and the tenant's at `/t/<slug>/admin/`. Django's own admin
log is not written: the audit trail is the log, and in a tenant no row may go to `public`.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from apps.audit.models import Entry
from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.permissions import Role


class TenantAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """The admin of one tenant: its admins only."""

    site_title = "ATOM"
    site_header = "ATOM workspace admin"
    index_title = "Workspace"

    def has_permission(self, request: HttpRequest) -> bool:
        """Members of the tenant in the path who are its admins."""
        actor = getattr(request, "actor", None)
        return actor is not None and actor.role is Role.ADMIN

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sessions belong to the installation, so they end outside the tenant."""
        with tenant_context.entered(None):
            answer: HttpResponse = super().logout(request, extra_context)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """People too belong to the installation."""
        with tenant_context.entered(None):
            answer: HttpResponse = super().password_change(request, extra_context)
        return answer


tenant_site = TenantAdminSite(name="tenant_admin")


def actor_of(request: HttpRequest) -> Actor:
    """The member of the tenant, or on the operators' site the operator."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None:
        return actor
    user = request.user
    return Actor(
        id=user.pk,
        tenant=None,
        email=getattr(user, "email", ""),
        name=str(user),
        role=Role.ADMIN,
        scopes=frozenset(),
        kind=ActorKind.OPERATOR,
        request_id=getattr(request, "request_id", ""),
    )


class AuditedAdmin(ModelAdmin):  # type: ignore[misc]
    """Base of all admin classes: changes go to the audit trail, lists count nothing they do not show."""

    show_full_result_count = False
    list_per_page = 50

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Audit an addition."""
        self._record(request, "admin.added", obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Audit a change, with the names of the changed fields."""
        self._record(request, "admin.changed", obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        """Audit each deletion."""
        for obj in queryset:
            self._record(request, "admin.deleted", obj, [])

    def _record(self, request: HttpRequest, action: str, obj: Model, message: Any) -> None:
        trail.record(
            actor_of(request),
            action,
            object_type=obj._meta.label_lower,
            object_id=str(obj.pk),
            summary={"changes": message if isinstance(message, list) else []},
        )


class ReadOnlyAdmin(AuditedAdmin):
    """For what nobody may change by hand."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may enter the site."""
        return bool(self.admin_site.has_permission(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may enter the site."""
        return bool(self.admin_site.has_permission(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Iterable[str]:
        """All of them."""
        return [field.name for field in self.model._meta.fields]


class EntryAdmin(ReadOnlyAdmin):
    """The chain of this schema, newest first."""

    list_display = ("seq", "at", "actor_kind", "action", "object_type", "object_id", "decision", "outcome")
    list_filter = ("outcome", "actor_kind", "decision")
    search_fields = ("action", "object_id", "request_id")
    ordering = ("-seq",)


def register_read_only(model: type[Model], *columns: str, search: tuple[str, ...] = (), site: Any = None) -> None:
    """Show a tenant model in the tenant's admin, read-only, with these columns."""
    options = {"list_display": columns, "search_fields": search, "ordering": ("-pk",)}
    (site or tenant_site).register(model, type(f"{model.__name__}Admin", (ReadOnlyAdmin,), options))


admin.site.register(Entry, EntryAdmin)
tenant_site.register(Entry, EntryAdmin)
