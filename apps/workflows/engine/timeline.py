"""Geometry of a run's Gantt chart: where each bar starts and how long it is, in percent of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MIN_WIDTH = 0.6


@dataclass(frozen=True, slots=True)
class Span:
    name: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    left: float
    width: float
    seconds: float | None


def bars(spans: Sequence[Span], *, now: datetime) -> tuple[Bar, ...]:
    """One bar per span, in the same order; a span that has not started has width 0, a running one ends now."""
    starts = [span.started_at for span in spans if span.started_at]
    if not starts:
        return tuple(Bar(span.name, 0.0, 0.0, None) for span in spans)
    first = min(starts)
    last = max([_end(span, now) for span in spans if span.started_at] or [now])
    whole = max((last - first).total_seconds(), 0.001)
    return tuple(_bar(span, first, whole, now) for span in spans)


def _end(span: Span, now: datetime) -> datetime:
    end = span.finished_at or now
    return max(end, span.started_at) if span.started_at else end


def _bar(span: Span, first: datetime, whole: float, now: datetime) -> Bar:
    if span.started_at is None:
        return Bar(span.name, 0.0, 0.0, None)
    seconds = (_end(span, now) - span.started_at).total_seconds()
    left = 100 * (span.started_at - first).total_seconds() / whole
    width = max(MIN_WIDTH, 100 * seconds / whole)
    return Bar(span.name, round(min(left, 100 - MIN_WIDTH), 2), round(min(width, 100 - left), 2), round(seconds, 3))
