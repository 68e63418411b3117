"""Measuring one table from beginning to end; running statements and deciding what is personal are given as functions.

1. Draw a sample: what is personal, and how times and numbers are spelled.
2. All figures of all columns in one scan.
3. Top values and histograms of what is not personal, in one more.
4. Rows per day of the time column.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from apps.datasources.contracts import TableRole
from apps.datasources.engine.classify.roles import classify
from apps.datasources.engine.classify.subject import subject
from apps.datasources.engine.profiling import reading, statements
from apps.datasources.engine.profiling.facts import TableProfile
from apps.datasources.engine.profiling.families import Field
from apps.datasources.engine.profiling.reading import Row
from apps.datasources.engine.profiling.statements import Reading, Target
from apps.datasources.engine.recommend import fields as choices

Runner = Callable[[exp.Expr], Sequence[Row]]
Judge = Callable[[Sequence[Field], Sequence[Counter[str]]], Mapping[str, str]]
"""From fields and their sampled values to the class of each protected field."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A profile, and the class of each protected column in it; protected columns hold no values."""

    profile: TableProfile
    protected: Mapping[str, str]


def measure(target: Target, fields: Sequence[Field], run: Runner, judge: Judge) -> Measured:
    """Profile one table. Cost: one bounded sample, one or two scans, one scan of the time column."""
    sampled = reading.sampled_values(fields, _all(run, statements.sample(target, fields)))
    protected = dict(judge(fields, sampled))
    items = reading.readings(fields, sampled)
    profile = reading.table_profile(target, items, _all(run, statements.statistics(target, items)))
    profile = _with_values(target, profile, items, frozenset(protected), run)
    profile = _with_arrivals(target, profile, items, protected, run)
    columns = tuple(column.without_values() if column.name in protected else column for column in profile.columns)
    return Measured(replace(profile, columns=columns), protected)


def _all(run: Runner, parts: Iterable[exp.Expr]) -> list[Row]:
    return [row for part in parts for row in run(part)]


def _with_values(
    target: Target, profile: TableProfile, items: Sequence[Reading], hidden: frozenset[str], run: Runner
) -> TableProfile:
    if not profile.rows_read:
        return profile
    top, bins = reading.wanted_top(profile, items, hidden), reading.wanted_bins(profile, items, hidden)
    return reading.with_values(profile, bins, _all(run, statements.values(target, items, top, bins)))


def _with_arrivals(
    target: Target, profile: TableProfile, items: Sequence[Reading], protected: Mapping[str, str], run: Runner
) -> TableProfile:
    name = arrival_column(profile, protected, target.partition_column)
    if name is None or not profile.rows_read:
        return profile
    item = next(item for item in items if item.field.name == name)
    return reading.with_arrivals(profile, name, run(statements.arrivals(target, item)))


def arrival_column(profile: TableProfile, protected: Mapping[str, str], partition: str | None) -> str | None:
    """The column whose days show when rows arrive: the time column that would be recommended."""
    table = subject(profile, pii=protected, partition_column=partition)
    role: TableRole = classify(table).role
    chosen = choices.time_column(table, role)
    return chosen.column if chosen is not None else None
