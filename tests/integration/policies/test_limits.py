"""Request rates and concurrent executions, with Redis and without."""

from collections.abc import Iterator

import pytest
import redis

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import LimitReached
from apps.core.tenant import TenantRef
from apps.policies.connectors import counters
from apps.policies.services import limits, settings


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Iterator[Actor]:
    with tenant_context.entered(fresh_tenant):
        yield Actor.system(fresh_tenant, "frida")


def test_the_rate_is_counted_and_then_refused(frida: Actor) -> None:
    settings.change(frida, requests_per_minute_user=5)
    left = [limits.admit(frida).remaining for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(LimitReached) as refused:
        limits.admit(frida)
    assert 1 <= refused.value.retry_after <= 60
    assert refused.value.headers["RateLimit-Remaining"] == "0"
    assert refused.value.headers["Retry-After"]


def test_the_tenant_has_a_rate_of_its_own(frida: Actor) -> None:
    settings.change(frida, requests_per_minute_tenant=3)
    for _ in range(3):
        limits.admit(frida)
    with pytest.raises(LimitReached, match="this tenant"):
        limits.admit(frida)


def test_prompts_are_counted_apart(frida: Actor) -> None:
    settings.change(frida, prompts_per_minute=2)
    for _ in range(2):
        limits.admit(frida, prompts=True)
    with pytest.raises(LimitReached):
        limits.admit(frida, prompts=True)
    assert limits.admit(frida).remaining > 100


def test_a_refused_request_does_not_count(frida: Actor) -> None:
    settings.change(frida, prompts_per_minute=1)
    limits.admit(frida, prompts=True)
    before = limits.admit(frida).remaining
    for _ in range(5):
        with pytest.raises(LimitReached):
            limits.admit(frida, prompts=True)
    assert limits.admit(frida).remaining == before - 1


def test_slots_are_taken_and_given_back(frida: Actor) -> None:
    assert frida.tenant is not None
    settings.change(frida, concurrent_executions=2)
    take = limits.execution_slot
    with take(frida.tenant.id), take(frida.tenant.id), pytest.raises(LimitReached), take(frida.tenant.id):
        pass
    with limits.execution_slot(frida.tenant.id):
        pass


def test_without_redis_the_process_counts_and_says_so(frida: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.change(frida, requests_per_minute_user=2)
    gone = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.1)
    monkeypatch.setattr(counters, "_script", lambda _process, source: gone.register_script(source))
    assert limits.admit(frida).degraded
    limits.admit(frida)
    with pytest.raises(LimitReached):
        limits.admit(frida)
