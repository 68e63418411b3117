"""Where upper apps plug into tenancy, by dotted path: steps of provisioning, handlers of wake-ups, the secrets' keeper,
what is shared, stores that a purge counts and empties, activities it must stop, what is measured for the bill."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

from django.utils.module_loading import import_string

from apps.core.actor import Actor
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


class Vault(Protocol):
    """Who keeps secrets: sealed for the platform (a person's), or in the entered tenant's SecretsManager."""

    def seal(self, name: str, value: str) -> bytes:
        """The sealed form, bound to `name`."""

    def unseal(self, name: str, sealed: bytes) -> str:
        """The value again."""

    def is_stale(self, sealed: bytes) -> bool:
        """Whether it should be sealed again, the master key having changed."""

    def keep(self, name: str, value: str, *, actor: Actor) -> None:
        """Keep a secret of the entered tenant."""

    def reveal(self, name: str, *, actor: Actor, purpose: str) -> str:
        """A secret of the entered tenant; audited."""

    def forget(self, name: str, *, actor: Actor) -> None:
        """Destroy a secret of the entered tenant."""


@dataclass(frozen=True, slots=True)
class Shareable:
    """A kind of object that can be shared: its model, what it is called, who may change it by role."""

    kind: str
    model: str  # app_label.Model
    title_field: str
    read_scope: str
    write_scope: str
    url_name: str
    also: str = ""  # a model that shows the same content, reached by the object's field `also_field`
    also_field: str = ""


_vault_path = ""
_shareables: dict[str, Shareable] = {}


@dataclass(frozen=True, slots=True)
class TenantStore:
    """A place that keeps something of a tenant: `count(tenant) -> {item: number}`, all zero once it is gone.

    `remove(tenant)`, where there is one, empties it; without, the undo of provisioning or another store does.
    """

    name: str
    count: str
    remove: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """Work of a tenant, asked with the tenant entered: `count()` unfinished, `busy()` in hand now, `stop()` all."""

    name: str
    count: str
    busy: str
    stop: str


@dataclass(frozen=True, slots=True)
class Meter:
    """What is measured for the bill, in the tenant: `by_day(since) -> {day: bytes}` or `level(tenant) -> bytes`."""

    name: str
    by_day: str = ""
    level: str = ""


_meters: dict[str, Meter] = {}
_steps: dict[str, ProvisioningStep] = {}
_wakeups: dict[str, str] = {}
_stores: dict[str, TenantStore] = {}
_activities: dict[str, Activity] = {}


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


def register_vault(path: str) -> None:
    """Name the module that keeps secrets."""
    global _vault_path  # noqa: PLW0603 - set once, while Django starts
    _vault_path = path


def vault() -> Vault:
    """The secrets' keeper."""
    return cast("Vault", import_module(_vault_path))


def register_shareable(shareable: Shareable) -> None:
    """Let objects of a kind be shared with single people."""
    _shareables[shareable.kind] = shareable


def shareables() -> dict[str, Shareable]:
    """All kinds that can be shared, by their name in addresses."""
    return _shareables


def register_store(name: str, count: str, *, remove: str = "") -> None:
    """Tell the purge of a place that keeps something of a tenant."""
    _stores[name] = TenantStore(name, count, remove)


def stores() -> list[TenantStore]:
    """All registered stores, by name."""
    return sorted(_stores.values(), key=lambda store: store.name)


def register_activity(name: str, *, count: str, busy: str, stop: str) -> None:
    """Tell the purge of work that must end before the tenant goes."""
    _activities[name] = Activity(name, count, busy, stop)


def activities() -> list[Activity]:
    """All registered activities, by name."""
    return sorted(_activities.values(), key=lambda each: each.name)


def register_meter(name: str, *, by_day: str = "", level: str = "") -> None:
    """Count what the tenant uses: amounts by day (`bytes`), or bytes it holds at this moment (any other name)."""
    _meters[name] = Meter(name, by_day, level)


def meters() -> list[Meter]:
    """All registered meters, by name."""
    return sorted(_meters.values(), key=lambda meter: meter.name)
