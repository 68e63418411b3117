"""What stands behind the variable parts of addresses: one real object of each kind, all in one tenant."""

import re
from collections.abc import Callable
from typing import Any

from apps.artifacts.models import Artifact
from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.ids import new_id
from apps.dashboards.models import Dashboard
from apps.datasources.models import CatalogColumn, CatalogTable, SandboxTable, SandboxUpload
from apps.memos.models import Memo
from apps.policies.models import Approval, LedgerEntry
from apps.tenancy.models import Domain, Membership
from apps.tenancy.models.letters import Invitation
from apps.tenancy.models.logins import ApiLogin, PageSession, PersonalToken
from apps.workflows.models import DeadLetter, WorkflowRun
from tests.integration.isolation.routes import Route
from tests.support.shop import Shop

Source = Callable[[Shop], Any]


def _first(model: Any) -> Source:
    return lambda _: model.objects.order_by("created_at").first().pk


def _public(model: Any, field: str = "pk", **of: str) -> Source:
    """A row of `public`; `of` names the lookups that lead to the tenant or its admin."""

    def find(shop: Shop) -> Any:
        values = {"tenant": shop.tenant.id, "person": shop.admin.id}
        with tenant_context.entered(None):
            row = model.objects.filter(**{lookup: values[what] for lookup, what in of.items()}).first()
            assert row is not None, model
            return getattr(row, field)

    return find


# (pattern of the address, name of the part) -> the object; the first that fits counts.
OBJECTS: tuple[tuple[str, str, Source], ...] = (
    (r"warehouse/tables/", "table_id", _first(SandboxTable)),
    (r"catalog/", "table_id", _first(CatalogTable)),
    (r"", "column_id", _first(CatalogColumn)),
    (r"", "datasource_id", lambda shop: shop.datasource.id),
    (r"", "upload_id", _first(SandboxUpload)),
    (r"", "dashboard_id", _first(Dashboard)),
    (r"", "card", lambda _: Dashboard.objects.order_by("created_at").first().cards.first().key),
    (r"", "memo_id", _first(Memo)),
    (r"", "artifact_id", _first(Artifact)),
    (r"", "approval_id", _first(Approval)),
    (r"audit/", "entry_id", lambda _: Entry.objects.order_by("seq").first().pk),
    (r"", "entry_id", _first(LedgerEntry)),
    (r"", "letter_id", _first(DeadLetter)),
    (r"catalog/profile/", "run_id", lambda _: WorkflowRun.objects.get(flow="ProfileWarehouse").pk),
    (r"", "run_id", _first(WorkflowRun)),
    (r"", "workflow_id", _first(WorkflowRun)),
    (r"", "member_id", _public(Membership, user_id="person")),
    (r"", "invitation_id", _public(Invitation, tenant="tenant")),
    (r"", "token_id", _public(PersonalToken, membership__user_id="person")),
    (r"api/", "session_id", _public(ApiLogin, membership__user_id="person")),
    (r"", "session_id", _public(PageSession, "public_id", user_id="person")),
    (r"", "domain_id", _public(Domain, tenant="tenant")),
    (r"", "object_id", _first(Dashboard)),
)
# Parts that name no object of a tenant.
PLAIN: dict[str, Any] = {"number": 1, "version": 1, "type_name": "sandbox", "key": "password", "kind": "dashboard"}
# Doors before any login: signed addresses carry their own proof, a slug names where one wants to sign in.
SIGNED = frozenset({"token", "uid", "slug"})


def is_known(route: Route, part: str) -> bool:
    """Whether the table says what the part names."""
    return part in PLAIN or part in SIGNED or _source(route, part) is not None


def values_of(route: Route, shop: Shop) -> dict[str, Any]:
    """The parts of the address for the shop's own objects; its tenant must be entered."""
    return {part: _value(route, part, shop) for part in route.parts}


def unknown(route: Route) -> dict[str, Any]:
    """The parts with ids that nobody has."""
    return {part: PLAIN[part] if part in PLAIN else "nothing" if part == "card" else new_id() for part in route.parts}


def _value(route: Route, part: str, shop: Shop) -> Any:
    if part in PLAIN:
        return PLAIN[part]
    source = _source(route, part)
    assert source is not None, f"{route.template}: what is {part}?"
    return source(shop)


def _source(route: Route, part: str) -> Source | None:
    return next((make for where, name, make in OBJECTS if name == part and re.search(where, route.template)), None)
