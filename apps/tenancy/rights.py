"""Rights of the database roles: the one table, applied and checked after every migration and provisioning.

Roles: the owner owns and migrates; the runtime role (`…_app`) is what the processes log in as, with no right on any
tenant schema; each tenant role has rights on its own schema only and is in the group `…_tenants`, which carries what
all tenants may do in `public`, row by row (forced row-level security keyed on current_user, never on a setting).
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ALL: Final = "SELECT, INSERT, UPDATE, DELETE"
READ: Final = "SELECT"
NONE: Final = ""


@dataclass(frozen=True, slots=True)
class PublicTable:
    """Rights on one table of `public`; `rows` is the condition for tenant roles (alias-free SQL)."""

    app: str = ALL
    tenants: str = NONE
    rows: str = "false"


# atom_tenant() is the id in the name of the current role: NULL for any role that is not a tenant's.
_OWN: Final = "tenant_id = public.atom_tenant()"
PUBLIC: Final = MappingProxyType(
    {
        "tenancy_tenant": PublicTable(app=ALL, tenants=READ, rows="id = public.atom_tenant()"),
        "tenancy_domain": PublicTable(app=ALL, tenants=READ, rows=_OWN),
        "tenancy_slugalias": PublicTable(app=ALL),
        "tenancy_purge": PublicTable(app="SELECT, INSERT, UPDATE"),
        "tenancy_subscription": PublicTable(app=ALL, tenants=READ, rows=_OWN),
        "tenancy_usageday": PublicTable(app=ALL, tenants=READ, rows=_OWN),
        "tenancy_usagemonth": PublicTable(app=ALL, tenants=READ, rows=_OWN),
        "tenancy_user": PublicTable(
            app=ALL,
            tenants=READ,
            rows="id IN (SELECT m.user_id FROM public.tenancy_membership m WHERE m.tenant_id = public.atom_tenant())",
        ),
        "tenancy_user_groups": PublicTable(),
        "tenancy_user_user_permissions": PublicTable(),
        "tenancy_membership": PublicTable(app=ALL, tenants=READ, rows=_OWN),
        "tenancy_refreshtoken": PublicTable(),
        "tenancy_apilogin": PublicTable(),
        "tenancy_personaltoken": PublicTable(),
        "tenancy_pagesession": PublicTable(),
        "tenancy_securityevent": PublicTable(),
        "tenancy_invitation": PublicTable(),
        "tenancy_letter": PublicTable(),
        "tenancy_secondfactor": PublicTable(),
        "tenancy_recoverycode": PublicTable(),
        "tenancy_signinprovider": PublicTable(),
        "tenancy_externalidentity": PublicTable(),
        "tenancy_objectgrant": PublicTable(app=ALL, tenants=ALL, rows=_OWN),
        "tenancy_restrictedobject": PublicTable(app=ALL, tenants=ALL, rows=_OWN),
        # django-guardian's own tables: made by its migrations, never written; Django looks there when a person goes.
        "guardian_userobjectpermission": PublicTable(app="SELECT, DELETE"),
        "guardian_groupobjectpermission": PublicTable(app="SELECT, DELETE"),
        "tenancy_wakeup": PublicTable(app=ALL, tenants=ALL, rows=_OWN),
        "tenancy_schemascript": PublicTable(app=NONE),
        "tenancy_gatecheck": PublicTable(app=READ, tenants=READ, rows="true"),
        "tenancy_schemastatus": PublicTable(app=READ),
        "auth_group": PublicTable(),
        "auth_group_permissions": PublicTable(),
        "auth_permission": PublicTable(app=READ, tenants=READ, rows="true"),
        "django_admin_log": PublicTable(),
        "django_content_type": PublicTable(app=READ, tenants=READ, rows="true"),
        "django_session": PublicTable(),
        "django_migrations": PublicTable(app=READ),
        "audit_entry": PublicTable(app=READ),
        "audit_person": PublicTable(app=READ),
        "audit_secret": PublicTable(app=NONE),
        "audit_retention": PublicTable(app="SELECT, INSERT"),
        "audit_retained": PublicTable(app=READ),
        "audit_retained_chain": PublicTable(app=READ),
        "audit_outboxevent": PublicTable(app=ALL),
    }
)
# Columns that tenants never see, whatever the row: the rest of the table is granted column by column.
HIDDEN_COLUMNS: Final = MappingProxyType(
    {
        "tenancy_user": frozenset({"password", "epoch", "is_superuser", "is_staff", "email_proved_at"}),
        "tenancy_gatecheck": frozenset({"tenant_slug", "details"}),
    }
)

# Tables of a tenant schema: everything, except where a narrower right stands here.
TENANT_DEFAULT: Final = ALL
TENANT: Final = MappingProxyType(
    {
        "audit_entry": READ,
        "audit_person": READ,
        "audit_secret": NONE,
        "audit_retention": "SELECT, INSERT",
        "django_migrations": READ,
        "artifacts_artifactversion": "SELECT, INSERT",
        "artifacts_feedback": "SELECT, INSERT",
        "artifacts_lineageedge": "SELECT, INSERT",
        "approval_events": "SELECT, INSERT",
        "policy_versions": "SELECT, INSERT",
    }
)
