"""The few synchronous calls of a socket (identity, owner checks, audit) in threads of their own.

Never `sync_to_async`: its thread-sensitive default would send every socket through one thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from django.db import connections

from apps.core import tenant
from apps.core.tenant import TenantRef

Answer = TypeVar("Answer")
_POOL: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="realtime-db")


async def run(call: Callable[[], Answer], *, inside: TenantRef | None = None) -> Answer:
    """The result of `call`, with `inside` entered and its database connections given back."""

    def work() -> Answer:
        try:
            with tenant.entered(inside):
                return call()
        finally:
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(_POOL, work)
