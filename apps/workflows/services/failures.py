"""From an exception in a step to a failure code, a sentence fit to show, and what to do next."""

from dataclasses import dataclass, field
from typing import Any

import pydantic
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core.errors import (
    AtomError,
    Forbidden,
    InvalidInput,
    LimitReached,
    NeedsApproval,
    NextStep,
    PolicyViolation,
    QueryTimeout,
    Unauthorised,
)
from apps.workflows.engine.failures import NEXT_STEPS, sanitised
from apps.workflows.enums import FailureCode
from apps.workflows.errors import StepFailure

_CONNECTION_ERRORS = (OperationalError, InterfaceError, RedisConnectionError, ConnectionError)
_TIMEOUTS = (SoftTimeLimitExceeded, TimeoutError)


@dataclass(frozen=True, slots=True)
class Failure:
    """What is stored of an exception."""

    code: FailureCode
    message: str
    next_steps: tuple[NextStep, ...]
    extra: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As stored with the step."""
        return {
            "code": self.code.value,
            "message": self.message,
            "next_steps": [{"label": step.label, "href": step.href} for step in self.next_steps],
            "extra": self.extra,
        }


def classify(error: BaseException) -> Failure:
    """The failure that `error` means; what nobody foresaw is INTERNAL_ERROR and shows no detail."""
    if isinstance(error, AtomError):
        code = _code_of(error)
        return Failure(code, sanitised(error.message), error.next_steps or usual_steps(code), _plain(error.extra))
    code, message = _foreign(error)
    return Failure(code, sanitised(message), usual_steps(code))


def usual_steps(code: FailureCode) -> tuple[NextStep, ...]:
    """What to do about a failure that names no way on itself."""
    return tuple(NextStep(label) for label in NEXT_STEPS[code])


def _code_of(error: AtomError) -> FailureCode:
    if isinstance(error, StepFailure):
        return error.failure
    if isinstance(error, QueryTimeout):
        return FailureCode.TIMEOUT
    if isinstance(error, NeedsApproval):
        return FailureCode.NEEDS_APPROVAL
    if isinstance(error, Forbidden | Unauthorised):
        return FailureCode.PERMISSION_DENIED
    if error.code in set(FailureCode):
        return FailureCode(error.code)
    if isinstance(error, PolicyViolation):
        return FailureCode.POLICY_BLOCKED
    if isinstance(error, LimitReached):
        return FailureCode.QUOTA_EXCEEDED if "BUDGET" in error.code or "QUOTA" in error.code else _transient()
    if error.transient:
        return _transient()
    if isinstance(error, InvalidInput) or 400 <= error.status < 500:
        return FailureCode.VALIDATION_FAILED
    return FailureCode.INTERNAL_ERROR


def _foreign(error: BaseException) -> tuple[FailureCode, str]:
    if isinstance(error, _TIMEOUTS):
        return FailureCode.TIMEOUT, "The step took longer than it may."
    if isinstance(error, _CONNECTION_ERRORS):
        return FailureCode.TRANSIENT_ERROR, f"A connection was lost ({type(error).__name__})."
    if isinstance(error, pydantic.ValidationError):
        places = ", ".join(".".join(str(part) for part in item["loc"]) for item in error.errors()[:5])
        return FailureCode.VALIDATION_FAILED, f"{error.title} does not hold: {places}."
    return FailureCode.INTERNAL_ERROR, f"The step failed unexpectedly ({type(error).__name__})."


def _transient() -> FailureCode:
    return FailureCode.TRANSIENT_ERROR


def _plain(extra: dict[str, Any]) -> dict[str, Any]:
    """Only what JSON can hold; anything else as its text."""
    return {
        key: value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
        for key, value in extra.items()
    }
