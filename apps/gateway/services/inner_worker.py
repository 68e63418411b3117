"""A real Celery worker and the beat's tick inside this process, for checks that must run with nothing else started."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery.contrib.testing.worker import start_worker
from django.db import connection

from celery_app import beat
from celery_app.app import app

TICK_SECONDS = 0.2


@contextmanager
def running(threads: int = 4) -> Iterator[None]:
    """Tasks and wake-ups are worked on by threads of this process inside the block."""
    stopping = threading.Event()
    ticker = threading.Thread(target=_tick, args=(stopping,), name="inner-beat", daemon=True)
    with start_worker(
        app, pool="threads", concurrency=threads, perform_ping_check=False, shutdown_timeout=20, loglevel="WARNING"
    ):
        ticker.start()
        try:
            yield
        finally:
            stopping.set()
            ticker.join(timeout=10)


def _tick(stopping: threading.Event) -> None:
    while not stopping.wait(TICK_SECONDS):
        beat.tick()
    connection.close()
