"""The words of the workflow engine: run and step states, failure codes, recovery actions."""

from enum import StrEnum


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING_UPSTREAM = "waiting_upstream"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    PARTIAL_FAILURE = "partial_failure"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepStatus(StrEnum):
    PENDING = "pending"
    READY = "ready"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class QueueReason(StrEnum):
    CONCURRENCY_LIMIT = "concurrency_limit"
    UPSTREAM_UNAVAILABLE = "upstream_unavailable"


class FailureCode(StrEnum):
    TRANSIENT_ERROR = "TRANSIENT_ERROR"
    TIMEOUT = "TIMEOUT"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    MALFORMED_RESPONSE = "MALFORMED_RESPONSE"
    VALIDATION_FAILED = "VALIDATION_FAILED"
    POLICY_BLOCKED = "POLICY_BLOCKED"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"
    WORKER_LOST = "WORKER_LOST"
    DISPATCH_FAILED = "DISPATCH_FAILED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class RecoverAction(StrEnum):
    RETRY = "retry"
    RETRY_WITH_SAMPLING = "retry_with_sampling"
    SKIP_AND_CONTINUE = "skip_and_continue"


class TimelineKind(StrEnum):
    RUN_STATE = "run_state"
    STEP_STATE = "step_state"
    NOTE = "note"
