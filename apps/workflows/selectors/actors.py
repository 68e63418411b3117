"""On whose behalf a run works: what the person may do today, never more than when they started it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Forbidden
from apps.core.permissions import Role, scopes_of
from apps.tenancy.models import Membership
from apps.workflows.models import WorkflowRun


def snapshot(actor: Actor) -> dict[str, Any]:
    """What is kept of the caller with the run."""
    return {
        "id": str(actor.id) if actor.id else None,
        "email": actor.email,
        "name": actor.name,
        "role": actor.role.value,
        "scopes": sorted(str(scope) for scope in actor.scopes),
        "kind": actor.kind.value,
    }


def of_run(run: WorkflowRun) -> Actor:
    """The run's actor now; raises Forbidden when the person has left the tenant meanwhile."""
    kept: Mapping[str, Any] = run.actor
    role, scopes = Role(kept["role"]), frozenset(kept["scopes"])
    if kept["kind"] in {ActorKind.USER, ActorKind.TOKEN} and kept["id"]:
        role, allowed = _membership(UUID(kept["id"]))
        scopes = scopes & allowed
    return Actor(
        id=UUID(kept["id"]) if kept["id"] else None,
        tenant=tenant_context.require(),
        email=kept["email"],
        name=kept["name"],
        role=role,
        scopes=scopes,
        kind=ActorKind(kept["kind"]),
        request_id=run.request_id,
    )


def _membership(user_id: UUID) -> tuple[Role, frozenset[str]]:
    row = (
        Membership.objects.filter(user_id=user_id, tenant_id=tenant_context.require().id, is_active=True)
        .values_list("role", "granted_scopes")
        .first()
    )
    if row is None:
        raise Forbidden("Whoever started this run is no longer a member of the tenant.")
    return Role(row[0]), scopes_of(Role(row[0]), frozenset(row[1]))
