"""Redis as the limiter uses it: one script call a decision. Nothing here decides; the scripts are atomic.

Keys of a tenant share the prefix `atom:t:<tenant>:` (purge removes it). Times are Redis's own, in microseconds.
"""

import os
from functools import cache
from typing import Any, Final
from uuid import UUID

import redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from atom_project.config import config

Unreachable = (redis.ConnectionError, redis.TimeoutError, OSError)

# A window of the last hour: entries by time, their bytes, and a running total, so that no call adds up the window.
# ARGV: window, budget, id, bytes, reserve(0|1). Answers {state 0|1, used, oldest age}; state 2: unknown window.
RESERVE: Final = """
local total = redis.call('GET', KEYS[3])
if not total then return {2, 0, 0} end
total = tonumber(total)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cutoff = now - ARGV[1]
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if oldest and tonumber(oldest) < cutoff then
  local bound = '(' .. string.format('%.0f', cutoff)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', bound)) do
    local size = redis.call('HGET', KEYS[2], id)
    if size then total = redis.call('DECRBY', KEYS[3], size) end
    redis.call('HDEL', KEYS[2], id)
  end
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', bound)
  oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
end
local state, size = 1, tonumber(ARGV[4])
if total + size > tonumber(ARGV[2]) then
  state = redis.call('HEXISTS', KEYS[2], ARGV[3])
elseif ARGV[5] == '1' and redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', now), ARGV[3]) == 1 then
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
  total = redis.call('INCRBY', KEYS[3], ARGV[4])
end
return {state, string.format('%.0f', total), string.format('%.0f', now - (oldest or now))}
"""
SETTLE: Final = """
-- ARGV: id, actual bytes (-1 releases). Answers 1 when the entry was still in the window.
local held = redis.call('HGET', KEYS[2], ARGV[1])
if not held then return 0 end
if ARGV[2] == '-1' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('DECRBY', KEYS[3], held)
else
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('INCRBY', KEYS[3], string.format('%.0f', tonumber(ARGV[2]) - tonumber(held)))
end
return 1
"""
SEED: Final = """
-- ARGV: (id, bytes, age in microseconds)*. Fills an unknown window from the ledger, once.
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local total = 0
for i = 1, #ARGV, 3 do
  redis.call('ZADD', KEYS[1], string.format('%.0f', now - tonumber(ARGV[i + 2])), ARGV[i])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  total = total + tonumber(ARGV[i + 1])
end
redis.call('SET', KEYS[3], string.format('%.0f', total))
return 1
"""
ADMIT: Final = """
-- One sliding-window counter a key. ARGV: period in s, then one limit a key. Answers {full key or 0, left, wait, ...}.
local time = redis.call('TIME')
local period = tonumber(ARGV[1])
local seconds = tonumber(time[1]) + tonumber(time[2]) / 1000000
local slot = math.floor(seconds / period)
local share = 1 - (seconds / period - slot)
local full, answer = 0, {}
for i = 1, #KEYS do
  local counts = redis.call('HMGET', KEYS[i], tostring(slot), tostring(slot - 1))
  local seen = tonumber(counts[1] or '0') + tonumber(counts[2] or '0') * share
  local limit = tonumber(ARGV[i + 1])
  local wait = 0
  if seen + 1 > limit then
    if full == 0 then full = i end
    wait = math.max(1, math.ceil(period * share))
  end
  answer[#answer + 1] = math.max(0, math.floor(limit - seen - 1))
  answer[#answer + 1] = wait
end
if full == 0 then
  for i = 1, #KEYS do
    redis.call('HINCRBY', KEYS[i], tostring(slot), 1)
    if redis.call('HLEN', KEYS[i]) > 2 then
      for _, field in ipairs(redis.call('HKEYS', KEYS[i])) do
        if tonumber(field) < slot - 1 then redis.call('HDEL', KEYS[i], field) end
      end
    end
    redis.call('EXPIRE', KEYS[i], period * 2)
  end
end
table.insert(answer, 1, math.ceil(period * share))
table.insert(answer, 1, full)
return answer
"""
TAKE_SLOT: Final = """
-- Leases of a semaphore. ARGV: id, limit, lease in us. Answers {taken 0|1, holders}.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local holders = redis.call('ZCARD', KEYS[1])
if holders >= tonumber(ARGV[2]) then return {0, holders} end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[3])), ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[3]) / 1000))
return {1, holders + 1}
"""


def key(tenant_id: UUID, *parts: str) -> str:
    """A key of this tenant's limiter."""
    return ":".join(("atom", "t", tenant_id.hex, "pol", *parts))


@cache
def _client(_process: int) -> redis.Redis:
    return redis.Redis.from_url(
        config.redis_url.get_secret_value(),
        socket_timeout=1,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 1),
    )


@cache
def _script(process: int, source: str) -> Script:
    return _client(process).register_script(source)


def run(source: str, keys: list[str], arguments: list[Any]) -> Any:
    """Run one of the scripts above; raises one of `Unreachable`."""
    return _script(os.getpid(), source)(keys=keys, args=arguments)


def remove(name: str, member: str) -> None:
    """Take a member out of a sorted set."""
    _client(os.getpid()).zrem(name, member)


def forget(name: str) -> None:
    """Remove a key."""
    _client(os.getpid()).delete(name)
