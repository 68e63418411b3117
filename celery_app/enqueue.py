"""Enqueue by name, so that an app need not import another's tasks; the tenant travels along."""

from typing import Any

from celery_app.app import app
from celery_app.queues import QueueName
from celery_app.tenant_task import outgoing_headers


def enqueue(task: str, *args: Any, queue: QueueName | None = None, **options: Any) -> None:
    """Send a task; raises kombu's OperationalError when the broker cannot be reached."""
    headers = outgoing_headers(task, platform=False, given=options.pop("headers", None))
    if queue is not None:
        options["queue"] = queue.value
    app.send_task(task, args=list(args), headers=headers, **options)
