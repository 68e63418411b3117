"""What the beat counts and sees: ticks, deliveries, how many messages wait in each queue."""

from typing import Final

from prometheus_client import Counter, Gauge

LAST_TICK: Final = Gauge("atom_beat_last_tick_timestamp_seconds", "When the last good tick ended.")
WAKEUPS: Final = Counter("atom_wakeups_dispatched_total", "Wake-ups handed to the workers.", ["kind"])
QUEUE_DEPTH: Final = Gauge("atom_queue_depth", "Messages that wait for a worker.", ["queue"])
