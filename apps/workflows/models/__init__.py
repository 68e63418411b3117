"""Models of the workflow engine; all in the tenant's schema."""

from apps.workflows.models.dead_letter import DeadLetter
from apps.workflows.models.run import WorkflowRun
from apps.workflows.models.step import StepResult
from apps.workflows.models.timeline import TimelineRow

__all__ = ["DeadLetter", "StepResult", "TimelineRow", "WorkflowRun"]
