"""The two demo tenants of the embedded profile: people, data, nothing that a user would have to do themselves."""

from dataclasses import dataclass

import structlog

from apps.core import tenant as tenant_context
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.datasources.services import demo as warehouse_demo
from apps.studio.services import demo as studio_demo
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Tenant
from apps.tenancy.services import members, provisioning

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A login of the demo."""

    email: str
    name: str
    role: Role


CAST: dict[tuple[str, str], list[DemoPerson]] = {
    ("acme", "Acme"): [
        DemoPerson("alice@acme.test", "Alice", Role.ADMIN),
        DemoPerson("bob@acme.test", "Bob", Role.MEMBER),
        DemoPerson("carol@acme.test", "Carol", Role.VIEWER),
    ],
    ("globex", "Globex"): [DemoPerson("mallory@globex.test", "Mallory", Role.ADMIN)],
}
OPERATOR = "operator@atom.test"


def seed(password: str) -> list[TenantRef]:
    """Make what is missing of the demo; safe to repeat, and nothing that exists is changed."""
    members.ensure_operator(email=OPERATOR, name="Operator", password=password)
    refs = []
    for (slug, name), people in CAST.items():
        ref = _tenant(slug, name)
        for person in people:
            members.ensure_member(ref, email=person.email, name=person.name, role=person.role, password=password)
        with tenant_context.entered(ref):
            if not warehouse_demo.has_demo(ref):
                warehouse_demo.load_demo(ref)
            studio_demo.load_demo(ref)
        refs.append(ref)
    return refs


def _tenant(slug: str, name: str) -> TenantRef:
    existing = Tenant.objects.using(provisioning.ADMIN).filter(slug=slug).first()
    if existing is not None and existing.status != TenantStatus.PROVISIONING:
        return existing.ref
    return provisioning.provision(slug, name, timezone="Europe/Berlin", is_demo=True)
