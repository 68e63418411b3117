"""Handlers of wake-ups for the tests."""

from apps.core import tenant as tenant_context
from apps.core.tenant import TenantRef
from apps.tenancy.services import wakeups

calls: list[tuple[str, TenantRef | None]] = []


def note(ref: str, tenant: TenantRef) -> None:
    """Remember the call and the tenant that was entered."""
    assert tenant_context.current() == tenant
    calls.append((ref, tenant))


def fail(ref: str, tenant: TenantRef) -> None:
    """A handler that cannot."""
    raise RuntimeError("not today")


def come_again(ref: str, tenant: TenantRef) -> None:
    """Moves its own date while it is being delivered."""
    from apps.core import clock  # noqa: PLC0415 - only this handler needs it

    calls.append((ref, tenant))
    wakeups.schedule("tests.again", clock.now(), ref)
