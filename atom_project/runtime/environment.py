"""Fills the environment of a process with what the embedded installation provides; real values always win."""

import os
from pathlib import Path

from atom_project.runtime import embedded, keys, places
from atom_project.runtime.embedded import Part

WITHOUT_SERVERS = "ATOM_NO_SERVERS"  # for linters: a complete environment, nothing started
WITHOUT_ADMIN = frozenset({"web", "beat", "sources"})  # processes that never hold the owner's address


def load() -> None:
    """Set every missing variable in `os.environ`; servers are started where their address is missing.

    Does nothing in the production profile, which has no defaults. Only migrations, provisioning and workers get
    POSTGRES_ADMIN_DSN.
    """
    if os.environ.get("ATOM_PROFILE", "embedded") == "production":
        return
    for name, value in complete(dict(os.environ)).items():
        os.environ.setdefault(name, value)
    if os.environ.get("ATOM_PROCESS") in WITHOUT_ADMIN:
        os.environ.pop("POSTGRES_ADMIN_DSN", None)


def complete(given: dict[str, str]) -> dict[str, str]:
    """The variables that `given` lacks, with their values; starts the embedded servers they name."""
    state = places.state_dir()
    known = keys.load(state)
    values = {
        "ATOM_STATE_DIR": str(state),
        "ATOM_INSTALLATION": known.installation,
        "LOG_DIR": str(places.log_dir(state)),
        "JWT_SECRET": known.jwt_secret,
        "ATOM_MASTER_KEY": known.master_key,
        "ATOM_DEMO_PASSWORD": known.demo_password,
    }
    values |= _addresses(given, state)
    return {name: value for name, value in values.items() if not given.get(name)}


def _addresses(given: dict[str, str], state: Path) -> dict[str, str]:
    parts: list[Part] = []
    if not given.get("POSTGRES_DSN"):
        parts.append("postgres")
    if not given.get("REDIS_URL"):
        parts.append("redis")
    if given.get(WITHOUT_SERVERS):
        return {"POSTGRES_DSN": "postgresql://127.0.0.1:1/atom", "REDIS_URL": "redis://127.0.0.1:1/0"}
    servers = embedded.ensure_servers(state, parts)
    found = {"REDIS_URL": servers.redis_url, "POSTGRES_DSN": servers.postgres_dsn}
    if not given.get("POSTGRES_DSN"):  # never the embedded owner beside a real server
        found["POSTGRES_ADMIN_DSN"] = servers.postgres_admin_dsn
    return {name: value for name, value in found.items() if value}
