"""What the hub counts."""

from typing import Final

from prometheus_client import Counter, Gauge

SOCKETS: Final = Gauge("atom_realtime_sockets", "Open sockets.", multiprocess_mode="livesum")
SUBSCRIPTIONS: Final = Gauge("atom_realtime_subscriptions", "Topics followed by sockets.", multiprocess_mode="livesum")
FRAMES: Final = Counter("atom_realtime_frames_total", "Messages this process received from Redis.")
DELIVERED: Final = Counter("atom_realtime_delivered_total", "Messages queued to sockets.")
CLOSED: Final = Counter("atom_realtime_closed_total", "Sockets the server closed, by code.", ["code"])
LOST: Final = Counter("atom_realtime_publish_lost_total", "Messages not published because Redis was out.")
RECONNECTED: Final = Counter("atom_realtime_reconnected_total", "Times the subscription had to be made again.")
