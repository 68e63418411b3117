"""The tenant's policy settings: read through a short cache, changed in one audited place, every version kept."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput, NotFound
from apps.core.permissions import Scope
from apps.core.tenant import TenantRef, require
from apps.policies.engine.limits import Limits
from apps.policies.engine.setting_fields import BY_NAME, HARD_CAPS, Kind, checked, quantity
from apps.policies.models import PolicySettings, PolicyVersion

CACHE_SECONDS: Final = 3.0
"""A change is seen by other processes within this time; by the process that made it, at once."""
_NOT_SETTINGS: Final = frozenset({"id", "singleton", "version", "created_at", "updated_at"})


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
    policy = _policy(stored())
    _cache[tenant.id] = (now, policy)
    return policy


def stored() -> PolicySettings:
    """The row as it stands; the defaults, as version 1, where nobody has changed anything."""
    return PolicySettings.objects.first() or PolicySettings()


def change(
    actor: Actor, *, if_version: int | None = None, restored_from: int | None = None, **changes: Any
) -> PolicySettings:
    """Change settings of the entered tenant; values in base units, or text such as `5 GB`.

    Raises InvalidInput with one row per bad field, and Conflict when `if_version` is no longer the current one.
    """
    actor.require(Scope.SETTINGS_MANAGE)
    values = _validated(changes)
    with trail.unit_of_work():
        row, _ = PolicySettings.objects.select_for_update().get_or_create(singleton=True)
        if if_version is not None and row.version != if_version:
            raise Conflict(
                f"Somebody changed the settings meanwhile: they are at version {row.version} now, not {if_version}.",
                code="VERSION_CHANGED", extra={"version": row.version}, next_steps=["Load them again and repeat."],
            )  # fmt: skip
        _keep_first(row)
        before = {name: getattr(row, name) for name in values}
        changed = {name: value for name, value in values.items() if before[name] != value}
        if changed:
            _apply(actor, row, before, changed, restored_from)
            transaction.on_commit(forget)
    return row


def restore(actor: Actor, version: int, *, if_version: int | None = None) -> PolicySettings:
    """Make the settings what they were at `version`, as a new version. Settings made since then keep their value."""
    actor.require(Scope.SETTINGS_MANAGE)
    kept = PolicyVersion.objects.filter(version=version).first()
    if kept is None:
        raise NotFound("There is no such version of the settings.")
    known = {field.name: field for field in fields()}
    values = {name: known[name].to_python(value) for name, value in kept.values.items() if name in known}
    return change(actor, if_version=if_version, restored_from=version, **values)


def fields() -> "list[Field[Any, Any]]":
    """The columns that are settings, whoever added them."""
    columns = PolicySettings._meta.concrete_fields  # Django's public API despite its name
    return [field for field in columns if field.name not in _NOT_SETTINGS]


def values_of(row: PolicySettings) -> dict[str, Any]:
    """All settings of a row, fit for JSON."""
    return {field.name: _plain(getattr(row, field.name)) for field in fields()}


def forget() -> None:
    """Drop what this process remembers."""
    _cache.clear()


def _apply(
    actor: Actor, row: PolicySettings, before: Mapping[str, Any], changed: Mapping[str, Any], restored_from: int | None
) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    _full_clean(row)
    row.save()
    diff = {name: {"before": _plain(before[name]), "after": _plain(value)} for name, value in changed.items()}
    PolicyVersion.objects.create(
        version=row.version, values=values_of(row), changes=diff, actor_id=actor.id,
        actor_label=(actor.name or actor.email)[:254], restored_from=restored_from,
    )  # fmt: skip
    trail.record(
        actor, "policy.changed", object_type="policy_settings", object_id=row.id,
        summary={
            "version": row.version,
            "before": {name: each["before"] for name, each in diff.items()},
            "after": {name: each["after"] for name, each in diff.items()},
            **({"restored_from": restored_from} if restored_from else {}),
        },
    )  # fmt: skip


def _keep_first(row: PolicySettings) -> None:
    """The state before the first change is a version to go back to as well."""
    if not PolicyVersion.objects.exists():
        PolicyVersion.objects.create(version=row.version, values=values_of(row), actor_label="")


def _validated(changes: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name: field for field in fields()}
    values: dict[str, Any] = {}
    errors: list[dict[str, str]] = []
    for name, raw in changes.items():
        try:
            if name not in known:
                raise ValueError("There is no policy setting of this name.")
            values[name] = _value(name, raw, known[name])
        except (ValueError, ValidationError) as error:
            text = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            errors.append({"field": name, "message": text})
    if errors:
        raise _invalid(errors)
    return values


def _value(name: str, raw: Any, field: "Field[Any, Any]") -> Any:
    setting = BY_NAME.get(name)
    if setting is None or setting.kind is Kind.SWITCH:
        return field.clean(raw, None)
    if setting.kind is Kind.CAPS:
        if not isinstance(raw, list | tuple) or not set(raw) <= set(HARD_CAPS):
            raise ValueError(f"Choose from {', '.join(HARD_CAPS)}.")
        return [cap for cap in HARD_CAPS if cap in raw]
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise ValueError("Write a number.")
    return checked(setting, quantity(setting, str(raw) if isinstance(raw, Decimal) else raw))


def _full_clean(row: PolicySettings) -> None:
    if row.bytes_per_query > row.bytes_with_approval:
        text = "A query may not read more without an approval than with one."
        raise _invalid([{"field": "bytes_per_query", "message": text}])
    try:
        row.full_clean()
    except ValidationError as error:
        rows = [{"field": name, "message": " ".join(texts)} for name, texts in error.message_dict.items()]
        raise _invalid(rows) from None


def _invalid(errors: list[dict[str, str]]) -> InvalidInput:
    first = errors[0]
    return InvalidInput(f"{first['field']}: {first['message']}", extra={"errors": errors})


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


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
