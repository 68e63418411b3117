"""Embedded PostgreSQL and Redis for whoever needs them: found when somebody runs them, started when nobody does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from atom_project.runtime import keys as keys_module
from atom_project.runtime import lifeline, places, ports
from atom_project.runtime.errors import StartError
from atom_project.runtime.locks import FileLock, is_taken, is_used
from atom_project.runtime.server import EmbeddedServer, Status, desk

Part = Literal["postgres", "redis"]
ALL: tuple[Part, ...] = ("postgres", "redis")
START_WITHIN = 120.0
STOP_WITHIN = 45.0
HOLD_PATIENCE = 45.0  # a guardian that is shutting its server down

_holds: dict[tuple[Path, Part], FileLock] = {}


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the servers, None for a part that was not asked for."""

    postgres_dsn: str | None = None
    postgres_admin_dsn: str | None = None
    postgres_superuser_dsn: str | None = None
    redis_url: str | None = None


def ensure_servers(state: Path | None = None, parts: Iterable[Part] = ALL) -> Servers:
    """Start or find the servers and keep them up as long as this process lives (or until `release`).

    Idempotent. Raises StartError with one line when a server does not come up.
    """
    state = state or places.state_dir()
    wanted = tuple(parts)
    before = {part: desk(state, part).read() for part in wanted}
    for part in wanted:
        _hold(state, part)
        _spawn_unless_running(state, part)
    found = {part: _wait_ready(state, part, before[part]) for part in wanted}
    return _addresses(state, found)


def release(state: Path) -> None:
    """Let go of the servers; those without another user stop at once."""
    for (folder, part), hold in list(_holds.items()):
        if folder != state:
            continue
        hold.release()
        del _holds[folder, part]
        _stop_if_unused(state, part)


def bequeath() -> None:
    """Let the program this process becomes by exec hold what this process holds."""
    for hold in _holds.values():
        hold.survive_exec()


def pin(state: Path) -> None:
    """Keep the servers up without a user, until `unpin`."""
    for part in ALL:
        desk(state, part).pin.touch(mode=0o600)


def unpin(state: Path) -> list[str]:
    """End the pin; servers without a user stop. Names of those that stay because somebody uses them."""
    stay: list[str] = []
    for part in ALL:
        desk(state, part).pin.unlink(missing_ok=True)
        if not _stop_if_unused(state, part):
            stay.append(part)
    return stay


def status(state: Path) -> dict[str, Status | None]:
    """What the guardians say, None for a server that is not running."""
    return {part: desk(state, part).read() if is_taken(desk(state, part).guardian) else None for part in ALL}


def server(state: Path, part: Part) -> EmbeddedServer:
    """The server object of a part. Imports late: redis users need no psycopg and the other way round."""
    from atom_project.runtime.postgres import PostgresServer  # noqa: PLC0415
    from atom_project.runtime.redisserver import RedisServer  # noqa: PLC0415

    kind = PostgresServer if part == "postgres" else RedisServer
    return kind(state / part, places.server_account(state), keys_module.load(state))


def _hold(state: Path, part: Part) -> None:
    if (state, part) in _holds:
        return
    lock = FileLock(desk(state, part).hold)
    if not lock.share(HOLD_PATIENCE):
        raise StartError(f"The embedded {part} is still shutting down after {HOLD_PATIENCE:.0f} s: try again.")
    _holds[state, part] = lock


def _spawn_unless_running(state: Path, part: Part) -> None:
    place = desk(state, part)
    if is_taken(place.guardian):
        return
    with place.open_log() as log:
        subprocess.Popen(
            [sys.executable, "-m", "atom_project.runtime", "guard", part],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=places.CHECKOUT,
            env={**os.environ, "ATOM_STATE_DIR": str(state)},
            start_new_session=True,
        )


def _wait_ready(state: Path, part: Part, before: Status | None) -> Status:
    """`before` is what was written before this start: an old failure is not news."""
    place = desk(state, part)
    end = time.monotonic() + START_WITHIN
    respawn_at = time.monotonic() + 3
    while time.monotonic() < end:
        found = place.read()
        guarded = is_taken(place.guardian)
        if found and found.state == "ready" and guarded and ports.answers(found.port):
            return found
        if found and found.state == "failed" and found != before and not guarded:
            raise StartError(found.message)
        if not guarded and time.monotonic() > respawn_at:
            _spawn_unless_running(state, part)
            respawn_at = time.monotonic() + 3
        time.sleep(0.02)
    raise StartError(f"The embedded {part} did not answer within {START_WITHIN:.0f} s: see {place.log}.")


def _addresses(state: Path, found: dict[Part, Status]) -> Servers:
    keys = keys_module.load(state)
    servers = Servers()
    if "postgres" in found:
        host = f"{ports.LOOPBACK}:{found['postgres'].port}"
        servers = Servers(
            postgres_dsn=f"postgresql://{keys.app_role}:{keys.postgres_app}@{host}/atom",
            postgres_admin_dsn=f"postgresql://{keys.owner_role}:{keys.postgres_owner}@{host}/atom",
            postgres_superuser_dsn=f"postgresql://postgres:{keys.postgres_superuser}@{host}/postgres",
        )
    if "redis" in found:
        servers = replace(servers, redis_url=f"redis://:{keys.redis}@{ports.LOOPBACK}:{found['redis'].port}/0")
    return servers


def _stop_if_unused(state: Path, part: Part) -> bool:
    """Whether the server is down now."""
    place = desk(state, part)
    if place.pin.exists() or is_used(place.hold):
        return not is_taken(place.guardian)
    found = place.read()
    if found is None or not is_taken(place.guardian):
        return True
    lifeline.signal_quietly(found.guardian, signal.SIGUSR1)
    return lifeline.wait_gone(found.guardian, STOP_WITHIN)
