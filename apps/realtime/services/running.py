"""Start and stop the hub of the running loop; one hub a process, made with its first socket."""

import asyncio
from collections.abc import Callable, Coroutine
from weakref import WeakKeyDictionary

import structlog

from apps.core.components import Health, Mode
from apps.realtime.enums import CloseCode
from apps.realtime.services import duties, identities, listener
from apps.realtime.services.hub import Hub

Work = Callable[[], Coroutine[None, None, None]]
_CHECKS_A_PERIOD = 3
_RESTART_SECONDS = 1.0
log = structlog.get_logger(__name__)


class RunningHub:
    """A hub with the tasks that keep it going; one that fails by a defect of ours is logged and started again."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._tasks = [
            self._keep("listen", lambda: listener.listen(self.hub)),
            self._keep("telemetry", lambda: duties.telemetry(self.hub)),
            self._repeat(duties.beat, duties.HEARTBEAT_SECONDS),
            self._repeat(duties.check_identities, identities.CHECK_EVERY / _CHECKS_A_PERIOD),
            self._repeat(duties.keep_presence, duties.HEARTBEAT_SECONDS),
        ]

    def _repeat(self, duty: duties.Duty, every: float) -> "asyncio.Task[None]":
        return self._keep(duty.__name__, lambda: duties.repeat(duty, self.hub, every=every))

    def _keep(self, name: str, work: Work) -> "asyncio.Task[None]":
        return asyncio.create_task(_for_ever(name, work), name=f"realtime-{name}")

    async def stop(self) -> None:
        """Close every socket with “restarting” and let Redis go."""
        for connection in list(self.hub.connections.values()):
            connection.close(CloseCode.RESTARTING, "restarting")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.streams.close()


async def _for_ever(name: str, work: Work) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("realtime.task_failed", task=name)
        await asyncio.sleep(_RESTART_SECONDS)


_running: WeakKeyDictionary[asyncio.AbstractEventLoop, RunningHub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running loop, started when it is not."""
    loop = asyncio.get_running_loop()
    if loop not in _running:
        _running[loop] = RunningHub()
    return _running[loop].hub


async def stop() -> None:
    """Stop the hub of the running loop, if there is one."""
    running = _running.pop(asyncio.get_running_loop(), None)
    if running is not None:
        await running.stop()


def health() -> Health:
    """How the hubs of this process are; called from any thread."""
    hubs = [each.hub for each in list(_running.values())]
    if not hubs:
        return Health(Mode.LIVE, ok=True, detail="starts with the first socket")
    sockets = sum(len(each.connections) for each in hubs)
    if all(each.listening.is_set() for each in hubs):
        return Health(Mode.LIVE, ok=True, detail=f"{sockets} sockets")
    return Health(Mode.LIVE, ok=False, detail=f"{sockets} sockets wait for Redis", remedy="Start Redis again.")
