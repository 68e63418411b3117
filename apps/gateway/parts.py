"""The parts every installation has, with what stands in for those that are outside; apps add or replace their own."""

import os

from apps.core import components
from apps.gateway.connectors import probes

# name, variable that makes it live, what serves without it, policy that a missing one touches
_OUTSIDE: tuple[tuple[str, str, str, str], ...] = (
    ("kafka", "KAFKA_URL", "Redis carries the events", ""),
    ("object_storage", "MINIO_ENDPOINT", "files on this machine, with signed addresses of our own", ""),
    ("prometheus", "PROM_URL", "metrics stay in the registry of each process", "P4"),
    ("loki", "LOKI_URL", "logs stay in the JSON log files", "P4"),
    ("language_model", "OPENAI_KEY", "rules write in its place, marked", ""),
    ("email", "EMAIL_URL", "no mail is sent; notices stay in the product", ""),
)


def declare() -> None:
    """Register them."""
    components.register(
        "postgres", "apps.gateway.connectors.probes.postgres", required=True, environment=("POSTGRES_DSN",)
    )
    components.register(
        "redis", "apps.gateway.connectors.probes.redis_server", required=True, environment=("REDIS_URL",)
    )
    for name, variable, stand_in, policy in _OUTSIDE:
        probe = probes.outside(variable, stand_in=stand_in, policy=policy)
        components.register(name, probe, environment=(variable,))
    for name, address in processes().items():
        components.register(name, probes.process(name, address))


def processes() -> dict[str, str]:
    """Addresses of the processes without a web server, by name, as the supervisor tells them."""
    told = os.environ.get("ATOM_METRICS_ADDRESSES", "")
    return dict(pair.split("=", 1) for pair in told.split(",") if "=" in pair)
