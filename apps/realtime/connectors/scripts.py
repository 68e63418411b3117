"""The Lua that runs inside Redis: each is one round trip and atomic."""

from typing import Final

# KEYS: stream. ARGV: channel, head, body, history, ttl. Answers the id of the message.
PUBLISH: Final = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', 'm', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', ARGV[1], ARGV[2] .. id .. '\\31' .. ARGV[3])
return id
"""

# KEYS: presence zset. ARGV: channel, head, seconds a touch is good for, ttl, members…. Expires the dead, keeps the
# living, and announces the list when it changed.
PRESENT: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1])
local changed = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now)
for i = 5, #ARGV do
  changed = changed + redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[i])
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
local members = redis.call('ZRANGE', KEYS[1], 0, 499)
if changed > 0 then
  redis.call('PUBLISH', ARGV[1], ARGV[2] .. '\\31[' .. table.concat(members, ',') .. ']')
end
return members
"""

# KEYS: presence zset. ARGV: channel, head, member.
ABSENT: Final = """
if redis.call('ZREM', KEYS[1], ARGV[3]) > 0 then
  local members = redis.call('ZRANGE', KEYS[1], 0, 499)
  redis.call('PUBLISH', ARGV[1], ARGV[2] .. '\\31[' .. table.concat(members, ',') .. ']')
end
return 0
"""

# KEYS: the tenant's sockets, the actor's sockets. ARGV: socket, good for, tenant's limit, actor's limit.
# Answers '' when admitted, else the limit that is reached.
ADMIT: Final = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 'tenant' end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return 'actor' end
for i = 1, 2 do
  redis.call('ZADD', KEYS[i], now + tonumber(ARGV[2]), ARGV[1])
  redis.call('EXPIRE', KEYS[i], tonumber(ARGV[2]) * 2)
end
return ''
"""
