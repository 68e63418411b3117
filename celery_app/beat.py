"""The beat: one tick a second that hands due wake-ups to the workers. Any number of beats may run at once.

`python -m celery_app.beat`. Unhealthy when its last tick is more than 60 s old.
"""

import signal
import threading
import time
from types import FrameType

import django
import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from apps.core import clock
from atom_project.database import refuse_pooler
from celery_app import health, metrics, wakeups
from celery_app.app import app
from celery_app.queues import QueueName

TICK_S = 1.0
MEASURE_EVERY = 10
STALE_AFTER_S = 60.0
log = structlog.get_logger(__name__)


class Beat:
    """The loop and what `/health` tells of it."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.last_tick = time.monotonic()
        self.trouble = ""

    def run(self) -> None:
        """Tick until told to stop. A tick that fails is logged once and tried again."""
        ticks = 0
        while not self.stopping.is_set():
            started = time.monotonic()
            self._tick_once()
            if ticks % MEASURE_EVERY == 0 and not self.trouble:
                measure_queues()
            ticks += 1
            self.stopping.wait(max(0.05, TICK_S - (time.monotonic() - started)))
        connections.close_all()

    def check(self) -> tuple[bool, dict[str, object]]:
        """Healthy while the last good tick is younger than a minute."""
        age = time.monotonic() - self.last_tick
        return age <= STALE_AFTER_S, {"last_tick_age_s": round(age, 1), "trouble": self.trouble}

    def stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the current tick."""
        self.stopping.set()

    def _tick_once(self) -> None:
        try:
            tick()
        except (DatabaseError, OperationalError) as error:
            self._note(type(error).__name__)
        else:
            self.last_tick = time.monotonic()
            metrics.LAST_TICK.set_to_current_time()
            self._note("")
        finally:
            close_old_connections()

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning("beat.trouble", error=trouble)
        if self.trouble and not trouble:
            log.info("beat.recovered")
        self.trouble = trouble


def tick() -> int:
    """Claim what is due and enqueue one delivery each; answers how many. Without the broker the claims go back."""
    claims = wakeups.claim_due(now=clock.now())
    for place, claim in enumerate(claims):
        try:
            _send(claim)
        except OperationalError:
            for unsent in claims[place:]:
                wakeups.release(unsent, now=clock.now())
            raise
        metrics.WAKEUPS.labels(claim.kind).inc()
    return len(claims)


def measure_queues() -> None:
    """How many messages wait in each queue; nothing when the broker does not answer."""
    try:
        with app.connection_for_read() as connection:
            for queue in QueueName:
                depth = connection.default_channel._size(queue.value)  # noqa: SLF001 - passive declare creates, LLEN does not
                metrics.QUEUE_DEPTH.labels(queue.value).set(depth)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("beat.queues_unmeasured", error=type(error).__name__)


def _send(claim: wakeups.Claim) -> None:
    app.send_task(
        "wakeups.deliver",
        args=[str(claim.id), str(claim.tenant_id), claim.kind, claim.ref, claim.until.isoformat(), claim.attempts],
    )


def main() -> None:
    """Start, serve health where a port is configured, and run until SIGTERM or SIGINT."""
    django.setup()
    refuse_pooler()
    beat = Beat()
    signal.signal(signal.SIGTERM, beat.stop)
    signal.signal(signal.SIGINT, beat.stop)
    health.serve(beat.check)
    log.info("beat.started")
    beat.run()


if __name__ == "__main__":
    main()
