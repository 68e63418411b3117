"""The operators' admin of tenants and people."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from apps.audit.admin import AuditedAdmin, ReadOnlyAdmin, tenant_site
from apps.tenancy.engine import plans
from apps.tenancy.models import Domain, Membership, Purge, SchemaStatus, Subscription, Tenant, UsageMonth, User, Wakeup
from apps.tenancy.pages import operators

admin.site.unregister(Group)


@admin.register(Tenant)
class TenantAdmin(AuditedAdmin):
    """Tenants with their state; made and removed by provisioning, never by hand."""

    list_display = ("slug", "name", "state", "timezone", "member_count", "created_at", "steps")
    list_filter = ("status", "is_demo")
    search_fields = ("slug", "name")
    readonly_fields = (
        *("id", "slug", "schema_name", "role_name", "status", "status_reason", "status_since", "is_demo"),
        *("created_at", "updated_at", "steps"),
    )
    fields = ("name", "timezone", "is_production", *readonly_fields)
    ordering = ("slug",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        """With the number of members, in the same query."""
        rows: QuerySet[Tenant] = super().get_queryset(request)
        return rows.annotate(member_total=Count("memberships"))

    @display(  # type: ignore[untyped-decorator]
        description="status", label={"active": "success", "suspended": "warning", "failed": "danger"}
    )
    def state(self, tenant: Tenant) -> str:
        """Status as a label."""
        return tenant.status

    @display(description="members", ordering="member_total")  # type: ignore[untyped-decorator]
    def member_count(self, tenant: Any) -> int:
        """Number of members."""
        return int(tenant.member_total)

    @display(description="")  # type: ignore[untyped-decorator]
    def steps(self, tenant: Tenant) -> str:
        """What can be done to it from here; each leads to a page that asks."""
        known = {"active": ("step-in", "suspend", "remove"), "suspended": ("resume", "remove")}
        possible = known.get(tenant.status, ())
        words = {step: step.capitalize().replace("-", " ") for step in possible}
        links = [(reverse(f"admin:tenancy_tenant_{step}", args=[tenant.id]), words[step]) for step in possible]
        return format_html_join(" · ", '<a class="underline" href="{}">{}</a>', links) or "–"

    def get_urls(self) -> list[URLPattern]:
        """Beside the usual ones, the pages that ask before something happens to a tenant."""
        pages = {"suspend": operators.suspend, "resume": operators.resume, "remove": operators.remove}
        pages["step-in"] = operators.step_in
        view = self.admin_site.admin_view
        own = [path(f"<uuid:tenant_id>/{n}/", view(page), name=f"tenancy_tenant_{n}") for n, page in pages.items()]
        return [*own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tenants come from provisioning."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        """Tenants go by purge."""
        return False


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person; the password is shown as a hash's summary only."""

    password = ReadOnlyPasswordHashField(help_text="Passwords are kept as Argon2id hashes and cannot be shown.")

    class Meta:
        model = User
        fields = ("email", "name", "is_active", "is_staff", "timezone", "theme")


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """People of all tenants."""

    form = UserForm
    list_display = ("email", "name", "is_active", "is_staff", "factor", "last_login", "created_at")
    list_filter = ("is_active", "is_staff")
    list_select_related = ("second_factor",)
    search_fields = ("email", "name")
    readonly_fields = ("id", "factor", "last_login", "created_at")
    ordering = ("email",)

    @display(description="second factor")  # type: ignore[untyped-decorator]
    def factor(self, person: User) -> str:
        """Whether one is in force, and the page that asks before a link to remove it is sent."""
        found = getattr(person, "second_factor", None)
        if found is None or found.confirmed_at is None:
            return "–"
        return format_html(
            '<a class="underline" href="{}">Send a link to remove it</a>',
            reverse("admin:tenancy_user_reset-factor", args=[person.id]),
        )

    def get_urls(self) -> list[URLPattern]:
        """Beside the usual ones, the page that asks."""
        view = self.admin_site.admin_view(operators.reset_factor)
        return [path("<uuid:user_id>/reset-factor/", view, name="tenancy_user_reset-factor"), *super().get_urls()]


@admin.register(Membership)
class MembershipAdmin(AuditedAdmin):
    """Who is in which tenant, as what."""

    list_display = ("user", "tenant", "role", "is_active", "created_at")
    list_filter = ("role", "is_active")
    search_fields = ("user__email", "tenant__slug")
    list_select_related = ("user", "tenant")
    autocomplete_fields = ("user", "tenant")
    readonly_fields = ("epoch", "created_at")
    ordering = ("tenant__slug", "user__email")


@admin.register(Domain)
class DomainAdmin(AuditedAdmin):
    """Host names of tenants."""

    list_display = ("domain", "tenant", "is_primary")
    list_select_related = ("tenant",)
    search_fields = ("domain", "tenant__slug")
    autocomplete_fields = ("tenant",)


@admin.register(SchemaStatus)
class SchemaStatusAdmin(ReadOnlyAdmin):
    """Outcome of the last migration run per schema."""

    list_display = ("schema_name", "state", "applied", "duration_ms", "finished_at", "error")
    list_filter = ("state",)
    search_fields = ("schema_name", "error")
    ordering = ("schema_name",)


@admin.register(Subscription)
class SubscriptionAdmin(AuditedAdmin):
    """The plan of a tenant, and limits of its own (empty: as the plan has it)."""

    list_display = ("tenant", "plan", "bytes_limit", "queries_limit", "storage_limit", "seats_limit")
    list_filter = ("plan",)
    list_select_related = ("tenant",)
    search_fields = ("tenant__slug",)
    autocomplete_fields = ("tenant",)
    ordering = ("tenant__slug",)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The plan is chosen from those there are."""
        if db_field.name == "plan":
            return forms.ChoiceField(choices=[(name, name) for name in plans.PLANS])
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(UsageMonth)
class UsageMonthAdmin(ReadOnlyAdmin):
    """What each tenant used, by month."""

    list_display = ("month", "tenant", "queries", "bytes", "storage", "seats", "updated_at")
    list_filter = ("month",)
    list_select_related = ("tenant",)
    search_fields = ("tenant__slug",)
    ordering = ("-month", "tenant__slug")


@admin.register(Purge)
class PurgeAdmin(ReadOnlyAdmin):
    """Removals of tenants: how far each is, and its receipt."""

    list_display = ("slug", "state", "attempts", "problem", "created_at", "finished_at")
    list_filter = ("state",)
    search_fields = ("slug", "tenant_id")
    ordering = ("-created_at",)


@admin.register(Wakeup)
class WakeupAdmin(ReadOnlyAdmin):
    """What is due, for whom."""

    list_display = ("kind", "tenant_id", "ref", "due_at", "claimed_until", "attempts")
    list_filter = ("kind",)
    search_fields = ("kind", "ref")
    ordering = ("due_at",)


class MemberOfTenantAdmin(ReadOnlyAdmin):
    """Members of this tenant, in the tenant's own admin (row-level security shows no others)."""

    list_display = ("user_id", "role", "is_active", "created_at")
    ordering = ("created_at",)
    fields = ("role", "is_active", "created_at")


tenant_site.register(Membership, MemberOfTenantAdmin)
