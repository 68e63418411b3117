"""When a failed step is tried again: at most three times, after 1 s, 4 s and 16 s with jitter."""

import hashlib
from dataclasses import dataclass
from typing import TypeAlias

from apps.workflows.engine.failures import FailureClass, class_of
from apps.workflows.enums import FailureCode

DELAYS_S: tuple[float, ...] = (1.0, 4.0, 16.0)
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Retry:
    delay_s: float
    sampling: bool


@dataclass(frozen=True, slots=True)
class GiveUp:
    reason: str


Verdict: TypeAlias = Retry | GiveUp


def decide(
    code: FailureCode, *, retries_done: int, max_retries: int, timed_out_before: bool, sampling: bool, seed: str
) -> Verdict:
    """What follows a failure. `seed` makes the jitter the same for the same step and attempt."""
    if class_of(code) is not FailureClass.RETRYABLE:
        return GiveUp(reason=f"{code} is not retried")
    if retries_done >= min(max_retries, len(DELAYS_S)):
        return GiveUp(reason=f"all {retries_done} retries are used")
    use_sampling = sampling or (code is FailureCode.TIMEOUT and timed_out_before)
    return Retry(delay_s=DELAYS_S[retries_done] * _jitter(f"{seed}:{retries_done}"), sampling=use_sampling)


def _jitter(seed: str) -> float:
    """A factor between 1 and 1 + JITTER: never earlier than promised."""
    byte = hashlib.sha256(seed.encode()).digest()[0]
    return 1.0 + JITTER * byte / 255
