"""Request rates and concurrent executions, with Redis and without."""

import pytest

from apps.core.actor import Actor
from apps.core.errors import LimitReached
from apps.core.redis import client
from apps.policies.connectors import counters
from apps.policies.services import limits, settings
from tests.integration.policies.conftest import redis_out


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


def held(name: str) -> int:
    """Slots taken, asked on the line that gives them back: giving back waits for nobody."""
    return int(counters.run("return redis.call('ZCARD', KEYS[1])", [name], []))


def test_a_door_that_executes_is_counted_and_holds_a_slot_at_once(frida: Actor) -> None:
    assert frida.tenant is not None
    settings.change(frida, concurrent_executions=1)
    slot = limits.admit(frida, executes=True).slot
    assert slot
    with pytest.raises(LimitReached, match="running already") as refused:
        limits.admit(frida, executes=True)
    assert refused.value.headers["RateLimit-Limit"]
    slot.give_back()
    assert limits.admit(frida, executes=True).slot


def test_what_runs_first_takes_the_lent_slot_and_gives_it_back(frida: Actor) -> None:
    assert frida.tenant is not None
    settings.change(frida, concurrent_executions=1)
    name = counters.key(frida.tenant.id, "slots")
    slot = limits.admit(frida, executes=True).slot
    assert slot
    limits.lend(slot)
    with limits.execution_slot(frida.tenant.id):
        assert held(name) == 1
    with limits.execution_slot(frida.tenant.id):  # the next takes one of its own
        assert held(name) == 1
    limits.reclaim()
    assert held(name) == 0


def test_a_lent_slot_that_nothing_ran_in_is_given_back(frida: Actor) -> None:
    assert frida.tenant is not None
    settings.change(frida, concurrent_executions=1)
    slot = limits.admit(frida, executes=True).slot
    assert slot
    limits.lend(slot)
    limits.reclaim()
    with limits.execution_slot(frida.tenant.id):
        pass


def test_a_refused_rate_takes_no_slot(frida: Actor) -> None:
    assert frida.tenant is not None
    settings.change(frida, requests_per_minute_user=1, concurrent_executions=5)
    slot = limits.admit(frida, executes=True).slot
    with pytest.raises(LimitReached, match="by you"):
        limits.admit(frida, executes=True)
    assert held(counters.key(frida.tenant.id, "slots")) == 1
    assert slot
    slot.give_back()


def test_without_redis_the_process_counts_and_says_so(frida: Actor) -> None:
    settings.change(frida, requests_per_minute_user=2)
    with redis_out():
        assert limits.admit(frida).headers()["RateLimit-Policy"] == "in-process"
        limits.admit(frida)
        with pytest.raises(LimitReached):
            limits.admit(frida)


def test_without_redis_the_process_keeps_the_cap_on_statements(frida: Actor) -> None:
    assert frida.tenant is not None
    settings.change(frida, concurrent_executions=1)
    take = limits.execution_slot
    with redis_out():
        with take(frida.tenant.id), pytest.raises(LimitReached), take(frida.tenant.id):
            pass
        with take(frida.tenant.id):
            pass
        slot = limits.admit(frida, executes=True).slot
        assert slot
        assert slot.is_local
        with pytest.raises(LimitReached, match="running already"):
            limits.admit(frida, executes=True)
        slot.give_back()
        with take(frida.tenant.id):
            pass


def test_a_slot_whose_process_died_is_free_after_the_time_limit(frida: Actor) -> None:
    assert frida.tenant is not None
    settings.change(frida, concurrent_executions=1, timeout_ms="1 s")
    name = counters.key(frida.tenant.id, "slots")
    with limits.execution_slot(frida.tenant.id):
        lease = client().pttl(name)
    assert 1_000 < lease <= 31_000
    counters.run(counters.TAKE_SLOT, [name], ["dead", 1, 0])
    with limits.execution_slot(frida.tenant.id):
        pass
