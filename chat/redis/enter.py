"""What Redis does in one step when a socket asks for a place; see ``chat/places.py``."""

from __future__ import annotations

ALIVE = "chat:alive:"
"""With the name of a process behind it: there while that process gives signs of life."""


def place_key(place: tuple[str, int | str]) -> str:
    """Return the key of the hash with the counts of one person or one address."""
    kind, which = place
    return f"chat:open:{kind}:{which}"


ENTER = (
    """
local function elsewhere(key)
    local sum, fields = 0, redis.call('HGETALL', key)
    for i = 1, #fields, 2 do
        if fields[i] ~= ARGV[1] then
            if redis.call('EXISTS', '"""
    + ALIVE
    + """' .. fields[i]) == 1 then
                sum = sum + tonumber(fields[i + 1])
            else
                redis.call('HDEL', key, fields[i])
            end
        end
    end
    return sum
end
if elsewhere(KEYS[1]) + tonumber(ARGV[2]) > tonumber(ARGV[3])
    or elsewhere(KEYS[2]) + tonumber(ARGV[4]) > tonumber(ARGV[5]) then
    return 0
end
for i = 1, 2 do
    redis.call('HSET', KEYS[i], ARGV[1], ARGV[2 * i])
    redis.call('EXPIRE', KEYS[i], ARGV[6])
end
return 1
"""
)
"""Keys: person, address. Arguments: this process; the person's count here, and the limit; the
address's count here, and the limit; seconds to keep. Gives 1 where there is a place. Times are
by the clock of Redis alone."""
