"""One tenant's policy settings: read through a short cache, changed in one audited place."""

import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef, require
from apps.policies.engine.limits import Limits
from apps.policies.models import PolicySettings

CACHE_SECONDS: Final = 3.0
"""A change is seen by other processes within this time; by the process that made it, at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the gate and the limiter need of the settings."""

    version: int
    limits: Limits
    requests_per_minute_user: int
    requests_per_minute_tenant: int
    prompts_per_minute: int
    concurrent_executions: int
    approval_hours: int
    pii_clear_needs_approval: bool = False


_cache: dict[UUID, tuple[float, Policy]] = {}


def current(tenant: TenantRef | None = None) -> Policy:
    """The policy of the entered tenant."""
    tenant = tenant or require()
    cached = _cache.get(tenant.id)
    now = time.monotonic()
    if cached and now - cached[0] < CACHE_SECONDS:
        return cached[1]
    policy = _policy(PolicySettings.objects.first() or PolicySettings())
    _cache[tenant.id] = (now, policy)
    return policy


def change(actor: Actor, **changes: Any) -> PolicySettings:
    """Change settings of the entered tenant. Raises InvalidInput for an unknown name or a value out of range."""
    actor.require(Scope.SETTINGS_MANAGE)
    fields = PolicySettings._meta.concrete_fields  # Django's public API despite its name
    names = {field.name for field in fields} - {"id", "singleton", "version"}
    unknown = set(changes) - names
    if unknown:
        raise InvalidInput(f"There is no policy setting called {', '.join(sorted(unknown))}.")
    with trail.unit_of_work():
        row, _ = PolicySettings.objects.select_for_update().get_or_create(singleton=True)
        before = {name: str(getattr(row, name)) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        row.version += 1
        row.full_clean()
        row.save()
        trail.record(
            actor,
            "policy.changed",
            object_type="policy_settings",
            object_id=row.id,
            summary={"before": before, "after": {name: str(value) for name, value in changes.items()}},
        )
        transaction.on_commit(forget)
    return row


def forget() -> None:
    """Drop what this process remembers."""
    _cache.clear()


def _policy(row: PolicySettings) -> Policy:
    return Policy(
        version=row.version,
        limits=row.limits(),
        requests_per_minute_user=row.requests_per_minute_user,
        requests_per_minute_tenant=row.requests_per_minute_tenant,
        prompts_per_minute=row.prompts_per_minute,
        concurrent_executions=row.concurrent_executions,
        approval_hours=row.approval_hours,
        pii_clear_needs_approval=row.pii_clear_needs_approval,
    )
