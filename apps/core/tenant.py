"""The current tenant: a ContextVar that the database backend reads whenever a cursor is opened.

Threads, async consumers and tasks each have their own context, so tenants cannot mix.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from apps.core.errors import NoTenant


@dataclass(frozen=True, slots=True)
class TenantRef:
    """What the rest of the code needs to know of a tenant."""

    id: UUID
    slug: str
    name: str
    schema_name: str
    role_name: str
    timezone: str = "UTC"


_current: ContextVar[TenantRef | None] = ContextVar("tenant", default=None)


def current() -> TenantRef | None:
    """The tenant entered in this context, if any."""
    return _current.get()


def require() -> TenantRef:
    """The tenant entered in this context; raises NoTenant when there is none."""
    tenant = _current.get()
    if tenant is None:
        raise NoTenant("No tenant is entered here.")
    return tenant


@contextmanager
def entered(tenant: TenantRef | None) -> Iterator[None]:
    """Enter `tenant` (or, with None, leave all tenants) inside the block.

    The database follows at the next cursor; doing this inside an open transaction makes that cursor raise.
    """
    token = _current.set(tenant)
    try:
        yield
    finally:
        _current.reset(token)
