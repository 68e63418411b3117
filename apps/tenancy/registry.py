"""Where upper apps plug into tenancy, by dotted path: provisioning, wake-ups, the secrets' keeper, what is shared."""

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
