"""How much of what strangers try is written down: enough to see it, too little to fill the platform's chain."""

from typing import Final

import redis

from apps.core.redis import client
from apps.gateway.services import metrics

EACH: Final = 30
ALL: Final = 300
_WINDOW_SECONDS: Final = 60


def may_be_recorded(address: str) -> bool:
    """Whether this attempt is among the first of its address, and of all, in this minute.

    What is not recorded is counted (`atom_door_refusals_total`, reason `stranger_unrecorded`). Without Redis all is.
    """
    try:
        pipe = client().pipeline(transaction=True)
        for key in (f"atom:stranger:{address}", "atom:strangers"):
            pipe.set(key, 0, ex=_WINDOW_SECONDS, nx=True)
            pipe.incr(key)
        _, mine, _, everyones = pipe.execute()
    except redis.RedisError:
        return True
    allowed = int(mine) <= EACH and int(everyones) <= ALL
    if not allowed:
        metrics.refused("stranger_unrecorded")
    return allowed
