"""Who of a tenant may say yes. Reads people as the tenant's role sees them: its own members alone."""

from dataclasses import dataclass
from uuid import UUID

from apps.core import tenant as tenant_context
from apps.core.permissions import Role, Scope, scopes_of
from apps.policies.models import Approval
from apps.tenancy.models import Membership


@dataclass(frozen=True, slots=True)
class Approver:
    """A member with `queries:approve`."""

    id: UUID
    name: str


def list_approvers() -> list[Approver]:
    """Active members of the entered tenant who may decide, in one query."""
    rows = (
        Membership.objects.filter(tenant_id=tenant_context.require().id, is_active=True, user__is_active=True)
        .order_by("user__name", "user_id")
        .values_list("user_id", "user__name", "user__email", "role", "granted_scopes")
    )
    return [
        Approver(user_id, name or email)
        for user_id, name, email, role, granted in rows
        if Scope.QUERIES_APPROVE in scopes_of(Role(role), frozenset(granted))
    ]


def eligible_for(row: Approval, approvers: list[Approver] | None = None) -> list[Approver]:
    """Those who may say yes to `row`: not its requester where it takes another person."""
    known = list_approvers() if approvers is None else approvers
    return [each for each in known if not (row.needs_another_person and each.id == row.requested_by)]


def shortage_of(row: Approval, approvers: list[Approver] | None = None) -> str:
    """What to tell a tenant in which nobody may answer; empty where somebody may."""
    if eligible_for(row, approvers):
        return ""
    return (
        "Nobody else in this workspace may approve this. Give another member the role admin, or the scope"
        " “queries:approve”, and ask again."
    )


def all_names() -> dict[UUID, str]:
    """Names of the tenant's people by id, in one query; those who have left are missing."""
    rows = Membership.objects.filter(tenant_id=tenant_context.require().id)
    return {user_id: name or email for user_id, name, email in rows.values_list("user_id", "user__name", "user__email")}
