"""Where upper apps plug into tenancy: steps of provisioning and handlers of wake-ups, by dotted path."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.module_loading import import_string

from apps.core.tenant import TenantRef


@dataclass(frozen=True, slots=True)
class ProvisioningContext:
    """What a provisioning step gets: the tenant and an autocommit cursor of the owner (admin DSN)."""

    tenant: TenantRef
    admin_cursor: Any
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProvisioningStep:
    """`do` makes the part (idempotent), `undo` removes it (also when half made).

    `prepare`, where there is one, is what needs neither the tenant's schema nor another step: it runs beside the
    making of the schema, on a connection of its own, and hands over in `notes`.
    """

    name: str
    do: str
    undo: str
    order: int
    prepare: str = ""


_steps: dict[str, ProvisioningStep] = {}
_wakeups: dict[str, str] = {}


def register_provisioning_step(name: str, do: str, undo: str, *, order: int, prepare: str = "") -> None:
    """Add a step; lower `order` runs first, undo goes the other way."""
    _steps[name] = ProvisioningStep(name, do, undo, order, prepare)


def provisioning_steps() -> list[ProvisioningStep]:
    """All steps in their order."""
    return sorted(_steps.values(), key=lambda step: step.order)


def register_wakeup(kind: str, handler: str) -> None:
    """Name the handler `(ref: str, tenant: TenantRef) -> None` of a kind of wake-up."""
    _wakeups[kind] = handler


def wakeup_handler(kind: str) -> Callable[[str, TenantRef], None] | None:
    """The handler of a kind, or None when nobody registered one."""
    path = _wakeups.get(kind)
    handler: Callable[[str, TenantRef], None] | None = import_string(path) if path else None
    return handler
