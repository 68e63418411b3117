"""Redis as the limiter uses it: one script call a decision. Nothing here decides; the scripts are atomic.

Keys of a tenant share the prefix `atom:t:<tenant>:` (purge removes it). Times are Redis's own, in microseconds.
"""

import time
from typing import Any, Final
from uuid import UUID

import redis

from apps.core.redis import Line, Unreachable, client

__all__ = ["Unreachable"]
_RETRY_AFTER: Final = 1.0

# A window of the last hour: entries by time (KEYS[1]), their bytes and under '=' a running total (KEYS[2]), so that no
# call adds up the window. What is strictly older than the window leaves it, at most ARGV[6] entries a call.
# ARGV: window, budget, id, bytes, hold(0|1), batch. Answers {state, used, age of the oldest}; state 0: does not fit,
# 1: fits (and is held now), 2: this window is unknown or half lost and has to be filled, 3: does not fit yet, more
# entries have to leave, 4: this id is held already.
RESERVE: Final = """
local total = redis.call('HGET', KEYS[2], '=')
if not total or redis.call('ZCARD', KEYS[1]) ~= redis.call('HLEN', KEYS[2]) - 1 then return {2, 0, 0} end
total = tonumber(total)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cutoff = now - ARGV[1]
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if oldest and tonumber(oldest) < cutoff then
  local bound = '(' .. string.format('%.0f', cutoff)
  local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', bound, 'LIMIT', 0, ARGV[6])
  local gone = 0
  for _, size in ipairs(redis.call('HMGET', KEYS[2], unpack(ids))) do gone = gone + tonumber(size or 0) end
  redis.call('HDEL', KEYS[2], unpack(ids))
  redis.call('ZREM', KEYS[1], unpack(ids))
  total = redis.call('HINCRBY', KEYS[2], '=', string.format('%.0f', 0 - gone))
  oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
end
local state = 1
if total + tonumber(ARGV[4]) > tonumber(ARGV[2]) then
  state = 4 * redis.call('HEXISTS', KEYS[2], ARGV[3])
  if state == 0 and oldest and tonumber(oldest) < cutoff then state = 3 end
elseif ARGV[5] == '1' then
  if redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', now), ARGV[3]) == 0 then
    state = 4
  else
    redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
    total = redis.call('HINCRBY', KEYS[2], '=', ARGV[4])
    if now % 32 == 0 then -- a key that ends too early is filled again
      local life = math.ceil(ARGV[1] / 500000)
      redis.call('EXPIRE', KEYS[1], life)
      redis.call('EXPIRE', KEYS[2], life)
    end
  end
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
  redis.call('HINCRBY', KEYS[2], '=', string.format('%.0f', 0 - held))
else
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('HINCRBY', KEYS[2], '=', string.format('%.0f', tonumber(ARGV[2]) - tonumber(held)))
end
return 1
"""
SEED: Final = """
-- ARGV: window, (id, bytes, age in microseconds)*. The window is what the ledger says, whatever stood here.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local total = 0
redis.call('DEL', KEYS[1], KEYS[2])
for i = 2, #ARGV, 3 do
  redis.call('ZADD', KEYS[1], string.format('%.0f', now - tonumber(ARGV[i + 2])), ARGV[i])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  total = total + tonumber(ARGV[i + 1])
end
redis.call('HSET', KEYS[2], '=', string.format('%.0f', total))
local life = math.ceil(ARGV[1] / 500000)
redis.call('EXPIRE', KEYS[1], life)
redis.call('EXPIRE', KEYS[2], life)
return 1
"""
OLDER: Final = """
-- Ids of a window that are older than ARGV[1] microseconds, at most ARGV[2].
local time = redis.call('TIME')
local cutoff = time[1] * 1000000 + time[2] - ARGV[1]
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', cutoff), 'LIMIT', 0, ARGV[2])
"""
_SLOTS: Final = """
-- Leases of a semaphore: 1 when one was taken.
local function take_slot(name, id, limit, lease, now)
  redis.call('ZREMRANGEBYSCORE', name, '-inf', string.format('%.0f', now))
  if redis.call('ZCARD', name) >= tonumber(limit) then return 0 end
  redis.call('ZADD', name, string.format('%.0f', now + tonumber(lease)), id)
  redis.call('PEXPIRE', name, math.ceil(tonumber(lease) / 1000))
  return 1
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
"""
ADMIT: Final = (
    _SLOTS
    + """
-- One sliding-window counter a key. ARGV: period in s, then one limit a key. With three more (id, limit, lease in us)
-- the last key holds slots instead, and one is taken once the rates let the request in.
-- Answers {full key or 0, reset, (left, wait)*, taken 0|1 where a slot was asked for}.
local rates = #KEYS
if #ARGV > #KEYS + 1 then rates = #KEYS - 1 end
local period = tonumber(ARGV[1])
local seconds = now / 1000000
local slot = math.floor(seconds / period)
local share = 1 - (seconds / period - slot)
local full, answer = 0, {}
for i = 1, rates do
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
  for i = 1, rates do
    if redis.call('HINCRBY', KEYS[i], tostring(slot), 1) == 1 then
      for _, field in ipairs(redis.call('HKEYS', KEYS[i])) do
        if tonumber(field) < slot - 1 then redis.call('HDEL', KEYS[i], field) end
      end
      redis.call('EXPIRE', KEYS[i], period * 2)
    end
  end
end
if rates < #KEYS then
  local taken = 0
  if full == 0 then taken = take_slot(KEYS[#KEYS], ARGV[#ARGV - 2], ARGV[#ARGV - 1], ARGV[#ARGV], now) end
  answer[#answer + 1] = taken
end
table.insert(answer, 1, math.ceil(period * share))
table.insert(answer, 1, full)
return answer
"""
)
TAKE_SLOT: Final = (
    _SLOTS
    + """
-- ARGV: id, limit, lease in us. Answers {taken 0|1}.
return {take_slot(KEYS[1], ARGV[1], ARGV[2], ARGV[3], now)}
"""
)


def key(tenant_id: UUID, *parts: str) -> str:
    """A key of this tenant's limiter."""
    return ":".join(("atom", "t", tenant_id.hex, "pol", *parts))


_line: Final = Line(timeout=1, connect_timeout=0.5)


class _Breaker:
    """While Redis is out, one caller a second finds out; the others do not wait for a time-out."""

    def __init__(self) -> None:
        self.closed_until = 0.0

    def check(self) -> None:
        if time.monotonic() < self.closed_until:
            raise redis.ConnectionError("Redis was out a moment ago.")


breaker: Final = _Breaker()


def run(source: str, keys: list[str], arguments: list[Any]) -> Any:
    """Run one of the scripts above; raises one of `Unreachable`."""
    breaker.check()
    try:
        return _line.script(source, keys, arguments)
    except Unreachable:
        breaker.closed_until = time.monotonic() + _RETRY_AFTER
        raise


def remove(name: str, member: str) -> None:
    """Take a member out of a sorted set without waiting for the answer.

    What is lost on the way (Redis restarting in this moment) is a lease, which ends by itself.
    """
    _line.tell(("ZREM", name, member))


def forget(name: str) -> None:
    """Remove a key."""
    client().delete(name)
