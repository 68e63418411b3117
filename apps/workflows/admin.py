"""The engine in the tenant's admin: to look at; what changes a run goes through its page, where it is audited."""

from apps.audit.admin import register_read_only
from apps.workflows.models import DeadLetter, StepResult, TimelineRow, WorkflowRun

register_read_only(
    WorkflowRun,
    *("title", "flow", "status", "reason", "progress", "error_code", "queued_at", "finished_at"),
    search=("title", "flow", "run_key"),
)
register_read_only(
    StepResult,
    *("step_name", "run_id", "status", "retry_count", "lost_workers", "error_code", "started_at", "finished_at"),
    search=("step_name", "error_code"),
)
register_read_only(
    TimelineRow, *("created_at", "run_id", "step_name", "before", "after", "code", "message"), search=("message",)
)
register_read_only(
    DeadLetter,
    *("created_at", "flow", "workflow_id", "failure_class", "error_code", "requeued_at"),
    search=("flow", "error_code"),
)
