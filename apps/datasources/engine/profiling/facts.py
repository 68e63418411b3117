"""What profiling found out about a table: frozen values that travel as JSON between steps and into the catalog."""

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

Scalar = float | str | None


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Figures of one column. `*_error` is 0 where the figure is exact; `bounds` says min and max are only bounds.

    `top_values` are (value, count), `histogram` (low, high, count); numbers as stored, text cut to 200 characters.
    """

    name: str
    type: str
    position: int
    null_share: float = 0.0
    null_error: float = 0.0
    distinct: int | None = None
    distinct_error: float = 0.0
    minimum: Scalar = None
    maximum: Scalar = None
    bounds: bool = False
    mean: float | None = None
    deviation: float | None = None
    negative_share: float = 0.0
    true_share: float | None = None
    quantiles: tuple[float, ...] = ()
    length: tuple[float, float, float] | None = None
    top_values: tuple[tuple[str, int], ...] = ()
    histogram: tuple[tuple[float, float, int], ...] = ()
    time_format: str = ""
    number_format: str = ""

    @property
    def nested(self) -> bool:
        """Whether this is a field inside a struct."""
        return "." in self.name

    def without_values(self) -> "ColumnProfile":
        """The same with everything that shows stored values removed: what may be kept of personal data."""
        return replace(
            self, minimum=None, maximum=None, mean=None, deviation=None, quantiles=(), top_values=(), histogram=()
        )


@dataclass(frozen=True, slots=True)
class TableProfile:
    """Figures of one table. `arrivals` are (ISO day, rows), oldest first, of `time_column`."""

    dataset: str
    name: str
    rows: int
    rows_read: int
    percent: int
    columns: tuple[ColumnProfile, ...]
    time_column: str | None = None
    earliest: str | None = None
    latest: str | None = None
    arrivals: tuple[tuple[str, int], ...] = ()
    missing_days: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    bytes_read: int = field(default=0)

    @property
    def exact(self) -> bool:
        return self.percent >= 100

    def column(self, name: str) -> ColumnProfile | None:
        return next((column for column in self.columns if column.name == name), None)


def to_json(profile: TableProfile) -> dict[str, Any]:
    """A plain dictionary, fit for a JSON column."""
    return asdict(profile)


def from_json(data: dict[str, Any]) -> TableProfile:
    """The profile written by `to_json`, also after a trip through JSON (lists where tuples were)."""
    columns = tuple(column_from_json(item) for item in data["columns"])
    rest = {key: _tupled(value) for key, value in data.items() if key != "columns"}
    return TableProfile(columns=columns, **rest)


def column_from_json(data: dict[str, Any]) -> ColumnProfile:
    """One column's profile, see `from_json`."""
    return ColumnProfile(**{key: _tupled(value) for key, value in data.items()})


def _tupled(value: Any) -> Any:
    return tuple(_tupled(item) for item in value) if isinstance(value, list | tuple) else value


def gaps(days: list[date]) -> list[date]:
    """Days between the first and the last of sorted `days` that do not occur."""
    present = {day.toordinal() for day in days}
    if not present:
        return []
    return [date.fromordinal(day) for day in range(min(present), max(present)) if day not in present]
