"""What each failure code means: whether it is retried, what a person is told, how it ends."""

import re
from collections.abc import Mapping
from enum import StrEnum

from apps.workflows.enums import FailureCode

MAX_MESSAGE = 500


class FailureClass(StrEnum):
    RETRYABLE = "retryable"
    PERMANENT = "permanent"
    QUOTA = "quota"
    PERMISSION = "permission"
    POISON = "poison"


CLASSES: Mapping[FailureCode, FailureClass] = {
    FailureCode.TRANSIENT_ERROR: FailureClass.RETRYABLE,
    FailureCode.TIMEOUT: FailureClass.RETRYABLE,
    FailureCode.QUOTA_EXCEEDED: FailureClass.QUOTA,
    FailureCode.PERMISSION_DENIED: FailureClass.PERMISSION,
    FailureCode.MALFORMED_RESPONSE: FailureClass.POISON,
    FailureCode.VALIDATION_FAILED: FailureClass.PERMANENT,
    FailureCode.POLICY_BLOCKED: FailureClass.PERMANENT,
    FailureCode.NEEDS_APPROVAL: FailureClass.PERMANENT,
    FailureCode.WORKER_LOST: FailureClass.POISON,
    FailureCode.DISPATCH_FAILED: FailureClass.POISON,
    FailureCode.INTERNAL_ERROR: FailureClass.PERMANENT,
}

NEXT_STEPS: Mapping[FailureCode, tuple[str, ...]] = {
    FailureCode.TRANSIENT_ERROR: ("Retry the run; finished steps are kept.",),
    FailureCode.TIMEOUT: ("Retry with sampling.", "Narrow the date range or choose fewer tables."),
    FailureCode.QUOTA_EXCEEDED: ("Reduce the scope and start again.", "Ask an administrator about the budget."),
    FailureCode.PERMISSION_DENIED: ("Reconnect the datasource with an account that may read it.",),
    FailureCode.MALFORMED_RESPONSE: ("The answer was kept for inspection; report it to the operator.",),
    FailureCode.VALIDATION_FAILED: ("Correct the input and start again.",),
    FailureCode.POLICY_BLOCKED: ("Read the policy's finding and change the request.",),
    FailureCode.NEEDS_APPROVAL: ("Ask for the approval, then retry.",),
    FailureCode.WORKER_LOST: ("The step ended its worker several times; report it to the operator.",),
    FailureCode.DISPATCH_FAILED: ("Check that workers are running, then retry.",),
    FailureCode.INTERNAL_ERROR: ("Retry once; if it fails again, report it with the request id.",),
}

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"), r"\1***@"),
    (
        re.compile(
            r"(?i)\b(password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|authorization)\b(\s*[=:]\s*)"
            r"(bearer\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;}]+)"
        ),
        r"\1\2***",
    ),
    (re.compile(r"(?i)\bbearer\s+[a-z0-9._~+/=-]+"), "Bearer ***"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "***"),
    (re.compile(r"\b(?:sk|ghp|xox[bp])[-_][A-Za-z0-9_-]{12,}"), "***"),
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL), "***"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b"), "***"),
)


def class_of(code: FailureCode) -> FailureClass:
    return CLASSES[code]


def sanitised(message: str) -> str:
    """A sentence fit to store and show: no credential, no e-mail address, one line, at most 500 characters."""
    for pattern, replacement in _SECRETS:
        message = pattern.sub(replacement, message)
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return line if len(line) <= MAX_MESSAGE else line[: MAX_MESSAGE - 1] + "…"
