"""Looks at one part each: a short question to a server, or where it is not configured, what stands in for it."""

import os
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import redis
from django.db import connection

from apps.core import tenant
from apps.core.components import Health, Mode
from atom_project.config import Profile, config
from atom_project.runtime import embedded, ports

_SECONDS = 1.0


def postgres() -> Health:
    """The database answers."""
    with tenant.entered(None), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        version = cursor.fetchone()[0]
    is_ours = _is_embedded("postgres", config.postgres_dsn.get_secret_value())
    remedy = "Set POSTGRES_DSN and POSTGRES_ADMIN_DSN to use a server of your own." if is_ours else ""
    return Health(Mode.EMBEDDED if is_ours else Mode.LIVE, ok=True, detail=f"PostgreSQL {version}", remedy=remedy)


def redis_server() -> Health:
    """Redis answers."""
    url = config.redis_url.get_secret_value()
    client = redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    try:
        version = client.info("server")["redis_version"]
    finally:
        client.close()
    is_ours = _is_embedded("redis", url)
    remedy = "Set REDIS_URL to use a server of your own." if is_ours else ""
    return Health(Mode.EMBEDDED if is_ours else Mode.LIVE, ok=True, detail=f"Redis {version}", remedy=remedy)


def _is_embedded(part: str, address: str) -> bool:
    if config.profile is Profile.PRODUCTION:
        return False
    found = embedded.status(config.state_dir).get(part)
    parsed = urlsplit(address)
    return found is not None and parsed.hostname == ports.LOOPBACK and parsed.port == found.port


def process(name: str, address: str) -> Callable[[], Health]:
    """A probe of a process without a web server, at its health address."""

    def probe() -> Health:
        try:
            answer = httpx.get(f"{address}/health", timeout=_SECONDS)
        except httpx.HTTPError:
            return Health(Mode.LIVE, ok=False, detail=f"no answer at {address}", remedy=f"Look at {name}.log.")
        facts = ", ".join(f"{key} {value}" for key, value in answer.json().items() if value != "")
        policy = "" if answer.is_success else "P4"
        return Health(Mode.LIVE, ok=answer.is_success, detail=f"{facts}; {address}", policy=policy)

    return probe


def outside(variable: str, *, stand_in: str, policy: str = "") -> Callable[[], Health]:
    """A probe of an outside system that this version does not speak to yet: `stand_in` says what serves instead.

    In production a missing variable means blocked.
    """
    blocked = f"BLOCKED ({policy})" if policy else ""

    def probe() -> Health:
        if os.environ.get(variable) and not config.simulation_mode:
            return Health(
                Mode.EMBEDDED, ok=True, detail=f"{variable} is set but not used yet: {stand_in}", policy=blocked
            )
        remedy = f"Set {variable}{' and SIMULATION_MODE=false' if config.simulation_mode else ''}."
        if config.profile is Profile.PRODUCTION and not config.simulation_mode:
            return Health(Mode.BLOCKED, ok=False, detail=f"{variable} is not set", policy=blocked, remedy=remedy)
        return Health(Mode.EMBEDDED, ok=True, detail=stand_in, policy=blocked, remedy=remedy)

    return probe
