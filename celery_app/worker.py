"""What a worker process does around its tasks: logs of ours, clean connections after the fork, health on a port."""

import os
import warnings

from celery.exceptions import CPendingDeprecationWarning
from celery.platforms import SecurityWarning
from celery.signals import setup_logging, worker_init, worker_process_init, worker_process_shutdown, worker_ready
from django.db import connections
from kombu.exceptions import OperationalError
from prometheus_client.multiprocess import mark_process_dead
from redis.exceptions import RedisError

from atom_project.database import refuse_pooler
from atom_project.runtime import memory
from celery_app import health
from celery_app.app import app

# As root in a container; messages are JSON, so there is nothing in them to be executed.
warnings.filterwarnings("ignore", category=SecurityWarning)
# A lost broker does not end the steps at work: their leases live in the database.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)


@setup_logging.connect  # type: ignore[untyped-decorator]
def keep_our_logging(**_: object) -> None:
    """Django's settings have configured structlog already; Celery leaves it alone."""


@worker_init.connect  # type: ignore[untyped-decorator]
def refuse_shared_sessions(**_: object) -> None:
    """A pooler in transaction mode would mix tenants; this process does not begin behind one."""
    refuse_pooler()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def settle_memory(**_: object) -> None:
    """The child collects what its tasks leave, not what the start made."""
    memory.settle()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def forget_inherited_connections(**_: object) -> None:
    """A pool's threads do not survive the fork: the child starts with none."""
    for connection in connections.all(initialized_only=True):
        connection.connection = None
        pools: dict[str, object] = getattr(type(connection), "_connection_pools", {})
        pools.pop(connection.alias, None)


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def forget_metrics_of_the_dead(pid: int, **_: object) -> None:
    """Gauges of a child that ended are counted no longer."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


@worker_ready.connect  # type: ignore[untyped-decorator]
def serve_health(**_: object) -> None:
    """`/health` and `/metrics` of the worker; and whatever died with the last worker is looked at now."""
    health.serve(_check)
    app.send_task("wakeups.nudge")


def _check() -> tuple[bool, dict[str, object]]:
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, RedisError, OSError) as error:
        return False, {"broker": type(error).__name__}
    return True, {"broker": "ok"}
