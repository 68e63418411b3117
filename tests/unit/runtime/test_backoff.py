"""How long a dead process waits."""

from atom_project.runtime.backoff import Backoff


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_wait_doubles_up_to_the_longest() -> None:
    backoff = Backoff(first=1, longest=10, clock=Clock())
    assert [backoff.next_delay() for _ in range(6)] == [1, 2, 4, 8, 10, 10]


def test_a_calm_minute_begins_anew() -> None:
    clock = Clock()
    backoff = Backoff(first=1, calm=60, clock=clock)
    backoff.next_delay()
    backoff.next_delay()
    clock.now = 61
    assert backoff.next_delay() == 1
