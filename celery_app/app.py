"""The Celery application over Redis. The database holds state and results; a message is only a wake-up."""

import os

from celery import Celery

from celery_app.queues import QUEUES, QueueName, route
from celery_app.tenant_task import TenantTask

_PROFILE = os.environ.get("ATOM_PROFILE", "embedded")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"atom_project.settings.{_PROFILE}")
# The worker's Django checks walk every URL configuration; `manage.py check` is run by the tests instead.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

from atom_project.config import config  # noqa: E402 - the profile must be chosen first

app = Celery("atom", task_cls=TenantTask, broker=config.redis_url.get_secret_value())
app.conf.update(
    result_backend=None,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_queues=QUEUES,
    task_default_queue=QueueName.DEFAULT.value,
    task_routes=(route,),
    task_create_missing_queues=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_acks_on_failure_or_timeout=True,
    worker_concurrency=config.worker_concurrency,
    worker_prefetch_multiplier=1,
    worker_enable_prefetch_count_reduction=False,
    worker_max_tasks_per_child=500,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    task_time_limit=3600,
    task_soft_time_limit=3500,
    # Longer than any task may run: a message is never given to a second worker while the first still works on it.
    broker_transport_options={
        "visibility_timeout": 3700,
        "socket_timeout": 30,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "retry_on_timeout": True,
        "global_keyprefix": "celery:",
        "fanout_prefix": True,
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_heartbeat=0,
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_step": 0.1, "interval_max": 0.2},
    enable_utc=True,
    timezone="UTC",
)
app.autodiscover_tasks(related_name="tasks")
app.conf.imports = ("celery_app.tasks", "celery_app.worker")
