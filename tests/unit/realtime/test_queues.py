"""The bounds of a socket: how far a reader may lag, how much a writer may say."""

from hypothesis import given
from hypothesis import strategies as st

from apps.realtime.engine.bucket import TokenBucket
from apps.realtime.engine.outbox import BoundedQueue


def test_a_queue_refuses_what_exceeds_its_count() -> None:
    queue: BoundedQueue[int] = BoundedQueue(max_items=2, max_size=100)
    assert [queue.offer(item, 1) for item in range(3)] == [True, True, False]
    assert queue.take() == 0
    assert queue.offer(3, 1)


def test_a_queue_refuses_what_exceeds_its_size_but_takes_one_large_item_when_empty() -> None:
    queue: BoundedQueue[str] = BoundedQueue(max_items=9, max_size=10)
    assert queue.offer("large", 50)
    assert not queue.offer("small", 1)


@given(st.lists(st.integers(1, 5), max_size=50))
def test_a_queue_gives_back_in_order_and_accounts_for_every_byte(sizes: list[int]) -> None:
    queue: BoundedQueue[int] = BoundedQueue(max_items=100, max_size=10_000)
    for index, size in enumerate(sizes):
        queue.offer(index, size)
    assert queue.size == sum(sizes)
    assert [queue.take() for _ in sizes] == list(range(len(sizes)))
    assert queue.size == 0


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate() -> None:
    bucket = TokenBucket(rate=10, burst=3, at=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(0.1)
    assert not bucket.take(0.1)


def test_a_clock_that_steps_back_gives_nothing() -> None:
    bucket = TokenBucket(rate=10, burst=1, at=100.0)
    assert bucket.take(100.0)
    assert not bucket.take(50.0)
