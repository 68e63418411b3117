"""The process's Redis client: one pool, made on first use (after a fork too)."""

import os
from functools import lru_cache

import redis

from atom_project.config import config


def client() -> "redis.Redis":
    """The shared client of this process; commands time out after two seconds rather than hang a request."""
    return _client(os.getpid())


@lru_cache(maxsize=1)
def _client(_pid: int) -> "redis.Redis":
    return redis.Redis.from_url(
        config.redis_url.get_secret_value(),
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=30,
        max_connections=64,
    )
