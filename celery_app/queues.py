"""Queues and which task goes to which. A task without a row here has no queue and is refused at start (by a test)."""

from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase

from kombu.entity import Exchange, Queue


class QueueName(StrEnum):
    """What waits in a queue."""

    INTERACTIVE = "interactive"  # somebody looks at the screen
    DEFAULT = "default"  # steps of workflows and other jobs
    RETRIES = "retries"  # second attempts, so that they cannot starve fresh work
    MAINTENANCE = "maintenance"  # wake-ups, audits, sweeping


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(name, type="direct"), routing_key=name)  # type: ignore[no-untyped-call]


QUEUES: tuple[Queue, ...] = tuple(_queue(name) for name in QueueName)

# First match wins; the pattern is the task's dotted name.
ROUTES: Mapping[str, QueueName] = {
    "workflows.step_again": QueueName.RETRIES,
    "workflows.*": QueueName.DEFAULT,
    "wakeups.*": QueueName.MAINTENANCE,
    "audit.*": QueueName.DEFAULT,
    "tenancy.*": QueueName.MAINTENANCE,
    "storage.*": QueueName.MAINTENANCE,
    "policies.*": QueueName.INTERACTIVE,
    "datasources.*": QueueName.DEFAULT,
    "artifacts.*": QueueName.DEFAULT,
    "agent.*": QueueName.INTERACTIVE,
    "dashboards.*": QueueName.DEFAULT,
    "memos.*": QueueName.DEFAULT,
    "alerts.*": QueueName.DEFAULT,
    "studio.*": QueueName.INTERACTIVE,
    "gateway.*": QueueName.MAINTENANCE,
    "realtime.*": QueueName.MAINTENANCE,
}


def queue_of(task_name: str) -> QueueName | None:
    """The queue a task belongs to, or None when nobody gave it one."""
    return next((queue for pattern, queue in ROUTES.items() if fnmatchcase(task_name, pattern)), None)


def route(name: str, *_: object, **__: object) -> dict[str, str]:
    """Celery's router: refuses a task that has no queue instead of letting it drift to a default one."""
    queue = queue_of(name)
    if queue is None:
        raise LookupError(f"task {name!r} has no queue; give it one in celery_app/queues.py")
    return {"queue": queue.value}
