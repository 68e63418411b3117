"""Start and stop the hub of the running loop; one hub a process, made with its first socket."""

import asyncio
import contextlib
from weakref import WeakKeyDictionary

from apps.realtime.enums import CloseCode
from apps.realtime.services import duties, identities, listener
from apps.realtime.services.hub import Hub

_CHECKS_A_PERIOD = 3


class RunningHub:
    """A hub with the tasks that keep it going."""

    def __init__(self) -> None:
        self.hub = Hub()
        check_every = identities.CHECK_EVERY / _CHECKS_A_PERIOD
        self._tasks = [
            asyncio.create_task(listener.listen(self.hub), name="realtime-listener"),
            asyncio.create_task(duties.telemetry(self.hub), name="realtime-telemetry"),
            self._repeat(duties.beat, duties.HEARTBEAT_SECONDS),
            self._repeat(duties.check_identities, check_every),
            self._repeat(duties.keep_presence, duties.HEARTBEAT_SECONDS),
        ]

    def _repeat(self, duty: duties.Duty, every: float) -> "asyncio.Task[None]":
        return asyncio.create_task(duties.repeat(duty, self.hub, every=every), name=f"realtime-{duty.__name__}")

    def is_whole(self) -> bool:
        """Whether every task still runs."""
        return not any(task.done() for task in self._tasks)

    async def stop(self) -> None:
        """Close every socket with “restarting” and let Redis go."""
        for connection in list(self.hub.connections.values()):
            connection.close(CloseCode.RESTARTING, "restarting")
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.streams.close()


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
