"""The throttle of the doors while Redis is out: each process counts for itself, under the same limits."""

import socket

import pytest

from apps.core.errors import LimitReached
from apps.core.ids import new_id
from apps.core.redis import Line
from apps.tenancy.services import throttle


@pytest.fixture(autouse=True)
def _redis_is_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real line, to a port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    gone = Line(timeout=1, connect_timeout=1, url=f"redis://127.0.0.1:{port}/0")
    monkeypatch.setattr(throttle, "_line", gone)
    monkeypatch.setattr(throttle, "_local", throttle._Local())


def _account() -> str:
    return f"{new_id().hex}@acme.test"


def test_an_account_is_throttled_without_redis_too() -> None:
    account = _account()
    for at in range(throttle.RULES["login"].per_account):
        throttle.admit("login", account, f"192.0.2.{at}")
    with pytest.raises(LimitReached) as refusal:
        throttle.admit("login", account, "192.0.2.200")
    assert refusal.value.code == "LOGIN_THROTTLED"
    throttle.admit("login", _account(), "192.0.2.201")


def test_an_address_is_throttled_without_redis_too() -> None:
    for _ in range(throttle.RULES["login"].per_address):
        throttle.admit("login", _account(), "192.0.2.1")
    with pytest.raises(LimitReached):
        throttle.admit("login", _account(), "192.0.2.1")


def test_a_success_is_taken_back_without_redis_too() -> None:
    account, rule = _account(), throttle.RULES["login"]
    for _ in range(rule.per_address * 2):
        throttle.admit("login", account, "192.0.2.1")
        throttle.succeeded("login", account, "192.0.2.1")


def test_a_window_ends_and_what_it_left_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = throttle._Local()
    now = [100.0]
    monkeypatch.setattr(throttle.time, "monotonic", lambda: now[0])
    assert [counter.add("a", 10)[0] for _ in range(3)] == [1, 2, 3]
    now[0] += 11
    assert counter.add("a", 10) == (1, 10)
    monkeypatch.setattr(throttle._Local, "MOST", 1)
    now[0] += 11
    counter.add("b", 10)
    assert list(counter._counts) == ["b"]
