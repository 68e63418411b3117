"""Celery's doors into the engine. A message only says where to look; doing it twice does it once."""

from uuid import UUID

from apps.workflows.services import execution
from celery_app.app import app


@app.task(name="workflows.step")  # type: ignore[untyped-decorator]
def step(run_id: str, step_name: str) -> None:
    """Work on a step for the first time."""
    execution.perform(UUID(run_id), step_name)


@app.task(name="workflows.step_again")  # type: ignore[untyped-decorator]
def step_again(run_id: str, step_name: str) -> None:
    """Work on a step again; a queue of its own, so that retries cannot starve fresh work."""
    execution.perform(UUID(run_id), step_name)
