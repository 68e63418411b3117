"""The policy settings as people read them: titles, units, ranges. Pure; the model keeps the base units."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from apps.policies.engine.limits import GIGABYTE

HARD_CAPS: Final = ("bytes", "join_depth", "subquery_nesting")
_SIZES: Final = MappingProxyType({"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12})
_TIMES: Final = MappingProxyType({"": 1, "MS": 1, "S": 1000, "MIN": 60_000})
_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,20}|[0-9]{1,3}(?:,[0-9]{3}){1,6})(?:\.[0-9]{1,10})?")
_QUANTITY: Final = re.compile(r"\s*(-?[0-9][0-9_]{0,20}(?:\.[0-9]{1,10})?)\s*([A-Za-z]*)\s*")


class Kind(StrEnum):
    """What a setting holds."""

    COUNT = "count"
    BYTES = "bytes"
    TIME_MS = "time_ms"
    MONEY = "money"
    CAPS = "caps"
    SWITCH = "switch"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `minimum` and `maximum` are in base units; people see `unit`, which is `factor` base units."""

    name: str
    group: str
    title: str
    help: str
    kind: Kind = Kind.COUNT
    unit: str = ""
    factor: int = 1
    minimum: int | Decimal | None = None
    maximum: int | Decimal | None = None

    @property
    def range(self) -> str:
        """`1 to 100 GB`; empty where anything goes."""
        if self.minimum is None or self.maximum is None:
            return ""
        low, high = (f"{Decimal(in_units(self, bound)):,f}" for bound in (self.minimum, self.maximum))
        return f"{low} to {high} {self.unit}".rstrip()


_COST, _SHAPE, _RATES, _APPROVALS = "Cost", "Shape of queries", "Rates and concurrency", "Approvals"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("bytes_per_query", _COST, "Bytes a query may read", "Up to here a query runs without asking.",
            Kind.BYTES, "GB", GIGABYTE, 1_000_000, 100 * GIGABYTE),
    Setting("bytes_with_approval", _COST, "Bytes with an approval", "Up to here somebody may approve; more never runs.",
            Kind.BYTES, "GB", GIGABYTE, 1_000_000, 100 * GIGABYTE),
    Setting("bytes_per_hour", _COST, "Budget of an hour", "All queries of any 3,600 seconds together.",
            Kind.BYTES, "GB", GIGABYTE, 1_000_000, 1_000_000 * GIGABYTE),
    Setting("usd_per_terabyte", _COST, "Price", "What your warehouse bills for 10¹² bytes.",
            Kind.MONEY, "$/TB", 1, Decimal(0), Decimal(1000)),
    Setting("hard_caps", _COST, "Hard caps", "Over these a query is blocked, whoever would approve.", Kind.CAPS),
    Setting("row_limit", _SHAPE, "Rows a query returns", "Added as LIMIT where there is none; a larger one is lowered.",
            Kind.COUNT, "rows", 1, 1, 1_000_000),
    Setting("join_depth", _SHAPE, "Joins in one query", "More ask for an approval.", Kind.COUNT, "joins", 1, 0, 50),
    Setting("subquery_nesting", _SHAPE, "Nesting of subqueries", "Deeper asks for an approval.",
            Kind.COUNT, "levels", 1, 0, 20),
    Setting("time_filter_rows", _SHAPE, "Rows from which a time filter is needed",
            "Larger tables have to be read through a filter on their time column.",
            Kind.COUNT, "rows", 1, 1, 10**12),
    Setting("timeout_ms", _SHAPE, "Time limit of a query", "After this a query is stopped.",
            Kind.TIME_MS, "s", 1000, 1000, 3_600_000),
    Setting("requests_per_minute_user", _RATES, "API requests a minute, one person", "", Kind.COUNT, "a minute", 1,
            1, 1_000_000),
    Setting("requests_per_minute_tenant", _RATES, "API requests a minute, whole workspace", "", Kind.COUNT, "a minute",
            1, 1, 10_000_000),
    Setting("prompts_per_minute", _RATES, "Prompts a minute, one person", "Questions to a model.", Kind.COUNT,
            "a minute", 1, 1, 100_000),
    Setting("concurrent_executions", _RATES, "Queries at the same time", "Of the whole workspace.", Kind.COUNT,
            "queries", 1, 1, 1000),
    Setting("pii_clear_needs_approval", _APPROVALS, "Ask for every look at personal data in clear",
            "Even from members who hold pii:read.", Kind.SWITCH),
    Setting("approval_hours", _APPROVALS, "Life of an approval", "After this it expires, answered or not.",
            Kind.COUNT, "hours", 1, 1, 720),
)  # fmt: skip
BY_NAME: Final = MappingProxyType({each.name: each for each in SETTINGS})


def in_units(setting: Setting, value: int | Decimal) -> str:
    """The base value as people write it: 10_000_000_000 → `10` (GB)."""
    amount = Decimal(value) / setting.factor
    text = f"{amount.normalize():f}"
    return text if text != "-0" else "0"


def from_units(setting: Setting, text: str) -> Decimal:
    """What somebody typed in the shown unit, in base units; raises ValueError."""
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError("Write a number, such as 1,000 or 2.5.")
    return Decimal(text.strip().replace(",", "")) * setting.factor


def quantity(setting: Setting, raw: int | float | str) -> Decimal:
    """A value of the API: a number of base units, or text such as `5 GB`, `90 s`; raises ValueError."""
    if not isinstance(raw, str):
        return Decimal(str(raw))
    found = _QUANTITY.fullmatch(raw)
    units = _SIZES if setting.kind is Kind.BYTES else _TIMES if setting.kind is Kind.TIME_MS else {"": 1}
    unit = found[2].upper() if found else "?"
    if found is None or unit not in units:
        raise ValueError(f"“{raw[:40]}” is not a number" + (" with a unit such as 5 GB or 90 s." if units else "."))
    return Decimal(found[1].replace("_", "")) * units[unit]


def checked(setting: Setting, value: Decimal) -> int | Decimal:
    """`value` within its range, whole where it counts things; raises ValueError with the range in its units."""
    if not value.is_finite():
        raise ValueError("Write a number.")
    if setting.kind is not Kind.MONEY and value != value.to_integral_value():
        raise ValueError("Write a whole number." if setting.factor == 1 else "Too many decimal places.")
    low, high = setting.minimum, setting.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"Choose from {setting.range}.")
    return value if setting.kind is Kind.MONEY else int(value)
