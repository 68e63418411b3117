"""The outbox: events reach their subscribers after commit; one that nobody can take holds up no other."""

from typing import Any

import pytest

from apps.audit import registry
from apps.audit.models import OutboxEvent
from apps.audit.services import outbox, relay
from apps.core import tenant as tenant_context
from apps.core.tenant import TenantRef

taken: list[dict[str, Any]] = []


def take(event: dict[str, Any]) -> None:
    """A subscriber."""
    taken.append(event)


def refuse(event: dict[str, Any]) -> None:
    """A subscriber that cannot."""
    raise ValueError("broken on purpose")


@pytest.fixture(autouse=True)
def _subscribers() -> None:
    taken.clear()
    registry.on("test.taken", f"{__name__}.take")
    registry.on("test.refused", f"{__name__}.refuse")


def test_an_event_reaches_its_subscriber_once(fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        outbox.announce("test.taken", {"n": 1})
        for _ in range(2):
            relay.relay_events("", fresh_tenant)
    assert [event["n"] for event in taken] == [1]


def test_an_event_that_keeps_failing_is_kept_and_the_next_goes_on(fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        outbox.announce("test.refused", {"n": 1})
        outbox.announce("test.taken", {"n": 2})
        for _ in range(relay.MAX_ATTEMPTS - 1):
            with pytest.raises(RuntimeError):
                relay.relay_events("", fresh_tenant)
        relay.relay_events("", fresh_tenant)
        assert OutboxEvent.objects.get(name="test.refused").published_at is None
    assert [event["n"] for event in taken] == [2]
