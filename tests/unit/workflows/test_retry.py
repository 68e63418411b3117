"""When a failed step is tried again, and what each failure means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.workflows.engine import failures, retry
from apps.workflows.enums import FailureCode


def decide(code: FailureCode, done: int = 0, *, timed_out: bool = False, seed: str = "x") -> retry.Verdict:
    return retry.decide(code, retries_done=done, max_retries=3, timed_out_before=timed_out, sampling=False, seed=seed)


@pytest.mark.parametrize(("done", "at_least"), [(0, 1.0), (1, 4.0), (2, 16.0)])
def test_retries_come_after_one_four_and_sixteen_seconds(done: int, at_least: float) -> None:
    verdict = decide(FailureCode.TRANSIENT_ERROR, done)
    assert isinstance(verdict, retry.Retry)
    assert at_least <= verdict.delay_s <= at_least * 1.2


def test_a_fourth_retry_does_not_exist() -> None:
    assert isinstance(decide(FailureCode.TRANSIENT_ERROR, 3), retry.GiveUp)


@pytest.mark.parametrize("code", sorted(set(FailureCode) - {FailureCode.TRANSIENT_ERROR, FailureCode.TIMEOUT}))
def test_nothing_else_is_retried(code: FailureCode) -> None:
    assert isinstance(decide(code), retry.GiveUp)


def test_the_first_timeout_is_retried_as_it_was_and_the_second_with_sampling() -> None:
    first, second = decide(FailureCode.TIMEOUT), decide(FailureCode.TIMEOUT, 1, timed_out=True)
    assert isinstance(first, retry.Retry)
    assert not first.sampling
    assert isinstance(second, retry.Retry)
    assert second.sampling


@given(st.text(max_size=20), st.integers(0, 2))
def test_jitter_is_never_early_and_the_same_for_the_same_seed(seed: str, done: int) -> None:
    one, two = (decide(FailureCode.TRANSIENT_ERROR, done, seed=seed) for _ in range(2))
    assert one == two
    assert isinstance(one, retry.Retry)
    assert one.delay_s >= retry.DELAYS_S[done]


def test_every_code_has_a_class_and_a_way_on() -> None:
    assert set(failures.CLASSES) == set(FailureCode) == set(failures.NEXT_STEPS)
    assert all(failures.NEXT_STEPS.values())


@pytest.mark.parametrize(
    "leak",
    [
        "postgresql://atom:hunter2@db:5432/x refused",
        "password=hunter2 is wrong",
        'api_key: "hunter2" rejected',
        "Authorization: Bearer hunter2",
        "mail to hunter2@acme.test failed",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
    ],
)
def test_a_stored_error_keeps_no_secret(leak: str) -> None:
    assert "hunter2" not in failures.sanitised(leak)


def test_a_stored_error_is_one_short_line() -> None:
    text = failures.sanitised("a\nb\x00" + "x" * 2000)
    assert "\n" not in text
    assert len(text) <= failures.MAX_MESSAGE
