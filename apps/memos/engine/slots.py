"""Slots: paths into the packet inside `{{…}}`, and how the value found there is written.

`{{kpi.revenue.delta_pct}}` writes “+12.3 %”, `|abs` leaves the sign out. A value is formatted by what it is (its field
and its metric's format), never by the writer, so a text can hold no figure the packet does not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from apps.dashboards.engine import figures
from apps.dashboards.enums import ValueFormat

SLOT: Final = re.compile(r"\{\{\s*([a-z0-9_.]+)\s*(?:\|\s*(abs)\s*)?\}\}")
_VALUES: Final = frozenset({"current", "previous", "delta_abs"})
_SHARES: Final = frozenset({"delta_pct", "share"})
_SIGNED: Final = frozenset({"delta_abs", "delta_pct"})


class SlotError(LookupError):
    """A slot that points at nothing, or at something that is not one value."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of rendered text; `path` is set where it came from a slot, `kpi` where that is a metric's figure."""

    text: str
    path: str = ""
    kpi: str = ""


def paths(text: str) -> list[str]:
    """The paths a text points at, in order."""
    return [match.group(1) for match in SLOT.finditer(text)]


def outside(text: str) -> str:
    """The text with its slots cut out (a blank stands for each)."""
    return SLOT.sub(" ", text)


def resolve(packet: Mapping[str, Any], path: str) -> Any:
    """The value at a path; SlotError when there is none."""
    found: Any = packet
    for step in path.split("."):
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            raise SlotError(path)
    return found


def fragments(text: str, packet: Mapping[str, Any]) -> Iterator[Fragment]:
    """The text rendered piece by piece, in order."""
    end = 0
    for match in SLOT.finditer(text):
        if match.start() > end:
            yield Fragment(text[end : match.start()])
        path = match.group(1)
        yield Fragment(written(packet, path, plain=match.group(2) == "abs"), path, kpi_of(packet, path))
        end = match.end()
    if end < len(text):
        yield Fragment(text[end:])


def render(text: str, packet: Mapping[str, Any]) -> str:
    """The text as read."""
    return "".join(fragment.text for fragment in fragments(text, packet))


def kpi_of(packet: Mapping[str, Any], path: str) -> str:
    """The metric whose figure the path gives, or "" where it gives a name or a date."""
    steps = path.split(".")
    figure = steps[-1] in _VALUES | _SHARES and steps[0] == "kpi" and len(steps) > 2
    return steps[1] if figure and steps[1] in packet["kpi"] else ""


def written(packet: Mapping[str, Any], path: str, *, plain: bool = False) -> str:
    """The value at a path as text."""
    value = resolve(packet, path)
    field = path.rsplit(".", 1)[-1]
    if isinstance(value, list):
        return _listed(value)
    if isinstance(value, Mapping):
        raise SlotError(path)
    if value is None:
        return "no data"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _figure(packet, path, field, value, plain=plain)
    return _dated(str(value))


def _figure(packet: Mapping[str, Any], path: str, field: str, value: float, *, plain: bool) -> str:
    sign = field in _SIGNED and not plain
    number = abs(value) if plain else value
    if field in _SHARES:
        return figures.percent(number, signed=sign)
    steps = path.split(".")
    metric = packet["kpi"].get(steps[1], {}) if steps[0] == "kpi" and len(steps) > 1 else {}
    shown = ValueFormat(metric["format"]) if field in _VALUES and metric else ValueFormat.NUMBER
    return figures.written(number, shown, currency=metric.get("currency", ""), signed=sign)


def _listed(values: list[Any]) -> str:
    if not values or not all(isinstance(value, str) for value in values):
        raise SlotError("list")
    words = [_dated(value) for value in values[:6]]
    rest = len(values) - len(words)
    if rest:
        return ", ".join(words) + f" and {rest} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _dated(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}" if len(text) == 10 else text
