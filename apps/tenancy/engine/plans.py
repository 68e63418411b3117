"""What a plan allows in a month. None is without a limit; prices are nobody's business here."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

GIGABYTE: Final = 10**9
TERABYTE: Final = 10**12


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes read and queries run in a month; bytes kept and people at any moment."""

    bytes: int | None = None
    queries: int | None = None
    storage: int | None = None
    seats: int | None = None


PLANS: Final = MappingProxyType(
    {
        "trial": Limits(100 * GIGABYTE, 10_000, 10 * GIGABYTE, 5),
        "team": Limits(2 * TERABYTE, 200_000, 200 * GIGABYTE, 50),
        "standard": Limits(20 * TERABYTE, 5_000_000, 2 * TERABYTE, 1_000),
        "unlimited": Limits(),
    }
)
DEFAULT: Final = "standard"


def merged(plan: str, *, bytes: int | None, queries: int | None, storage: int | None, seats: int | None) -> Limits:  # noqa: A002 - the columns' names
    """The plan's limits with a tenant's own in their place; an unknown plan is the default one."""
    base = PLANS.get(plan, PLANS[DEFAULT])
    return Limits(
        base.bytes if bytes is None else bytes,
        base.queries if queries is None else queries,
        base.storage if storage is None else storage,
        base.seats if seats is None else seats,
    )
