"""The closed sets of words dashboards use."""

from enum import StrEnum


class CardKind(StrEnum):
    """How a card shows its result; decides its height on the grid."""

    SCALAR = "scalar"
    SPARKLINE = "sparkline"
    LINE = "line"
    BAR = "bar"
    TABLE = "table"
    HEATMAP = "heatmap"


class CardWidth(StrEnum):
    """Half the grid or all of it."""

    HALF = "half"
    FULL = "full"


class QueryShape(StrEnum):
    """Which question a card's query asks of its table."""

    TOTAL = "total"
    """One row: each measure now, and in the period before as `<measure>_previous`."""
    DAILY = "daily"
    """One row a day."""
    BREAKDOWN = "breakdown"
    """One row a value of a dimension, largest first."""
    HEATMAP = "heatmap"
    """One row a weekday (0 is Monday) and hour."""
    COMPLETENESS = "completeness"
    """One row: how many rows, and how many of each column are empty."""


class ValueFormat(StrEnum):
    """How a figure is written."""

    COUNT = "count"
    MONEY = "money"
    NUMBER = "number"
    SHARE = "share"
    TIME = "time"


class CardState(StrEnum):
    """What a card's answer is: the page draws each differently."""

    OK = "ok"
    EMPTY = "empty"
    STALE = "stale"
    FAILED = "failed"
