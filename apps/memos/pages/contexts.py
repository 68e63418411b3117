"""What the memo pages show: one frozen class a page, and the packet's figures made ready to read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from apps.artifacts.models import ArtifactVersion
from apps.datasources.models import Datasource
from apps.memos.engine import recheck, slots, writer
from apps.memos.models import Memo
from apps.workflows.models import WorkflowRun

Packet = Mapping[str, Any]
MAX_CHARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; a figure names its path in the packet and the query behind it."""

    text: str
    path: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence in pieces; `anchor` names it in feedback, `tag` says what it rests on."""

    anchor: str
    pieces: list[Piece]
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the table of figures."""

    key: str
    label: str
    definition: str
    current: Piece
    previous: Piece
    delta_abs: Piece
    delta_pct: Piece
    significance: str
    mood: str
    weeks: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """An inline chart of one metric."""

    id: str
    label: str
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the appendix."""

    ref: str
    sql: str
    query_hash: str


@dataclass(frozen=True, slots=True)
class MemoContext:
    """One memo, as it stands or as an earlier version was."""

    memo: Memo
    source_name: str
    version: int
    is_current: bool
    versions: list[ArtifactVersion]
    generated_at: datetime
    window: dict[str, Any]
    packet_sha256: str
    writer: dict[str, Any]
    status: str
    warnings: list[dict[str, str]]
    headline: list[Paragraph]
    changes: list[Change]
    charts: list[Chart]
    causes: list[Paragraph]
    actions: list[Paragraph]
    notes: list[Paragraph]
    queries: list[Query]
    dashboards: list[tuple[str, str]]
    earlier: list[Memo]
    can_generate: bool


@dataclass(frozen=True, slots=True)
class ListContext:
    """The memos, and the form that asks for one."""

    memos: list[Memo]
    next_cursor: str | None
    search: str
    sources: list[Datasource]
    source_names: dict[UUID, str]
    runs: list[WorkflowRun]
    can_generate: bool
    tz: str


def paragraphs(section: str, texts: Sequence[str], packet: Packet, tags: Sequence[str] = ()) -> list[Paragraph]:
    """Sentences of a section, ready to read."""
    padded = [*tags, *[""] * (len(texts) - len(tags))]
    return [
        Paragraph(f"{section}.{index}", list(_pieces(text, packet)), tag)
        for index, (text, tag) in enumerate(zip(texts, padded, strict=True))
    ]


def changes(document: Mapping[str, Any], packet: Packet) -> list[Change]:
    """The rows of the table of figures."""
    found = []
    for row in document["key_changes"]:
        key = row["metric"]
        figure = packet["kpi"][key]
        cells = {name: next(_pieces(row[name], packet)) for name in ("current", "previous", "delta_abs", "delta_pct")}
        mood = {1: "is-good", -1: "is-bad"}.get(figure["direction"], "") if writer.is_loud(figure) else ""
        found.append(
            Change(
                key=key,
                label=figure["label"],
                definition=figure["definition"],
                significance=row["significance"],
                mood=mood,
                weeks=_weeks(figure),
                **cells,
            )
        )
    return found


def charts(packet: Packet) -> list[Chart]:
    """Day by day, this week on top of the one before: the loud metrics, else the first ones."""
    chosen = (writer.ranked(packet) or packet["order"])[:MAX_CHARTS]
    return [Chart(f"chart-{key}", packet["kpi"][key]["label"], _days(packet["kpi"][key], packet)) for key in chosen]


def queries(packet: Packet) -> list[Query]:
    """The appendix: every query of the packet."""
    return [Query(ref, found["sql"], found["query_hash"]) for ref, found in sorted(packet["queries"].items())]


def _pieces(text: str, packet: Packet) -> Iterator[Piece]:
    for fragment in slots.fragments(text, packet):
        query = recheck.query_ref(packet, fragment.path) if fragment.kpi else ""
        yield Piece(fragment.text, fragment.path if fragment.kpi else "", query)


def _weeks(figure: Packet) -> dict[str, Any]:
    rows = [{"week": index, "value": value} for index, value in enumerate(figure["weeks"])]
    return {
        "type": "sparkline",
        "title": figure["label"],
        "x": {"field": "week", "type": "number"},
        "series": [{"field": "value", "name": figure["label"]}],
        "rows": rows,
    }


def _days(figure: Packet, packet: Packet) -> dict[str, Any]:
    first = packet["window"]["current"]["from"]
    now = [day for day in figure["days"] if day[0] >= first]
    before = [day for day in figure["days"] if day[0] < first]
    # Weekday stands over weekday: both weeks have seven days and the earlier one ends where the later begins.
    aligned = [None] * (len(now) - len(before)) + [value for _, value in before[-len(now) :]] if now else []
    unit = {"kind": "number"}
    if figure["format"] == "money" and figure["currency"]:
        unit = {"kind": "currency", "currency": figure["currency"]}
    return {
        "type": "line",
        "description": f"{figure['definition']}, day by day, against the week before",
        "x": {"field": "day", "type": "time"},
        "series": [
            {"field": "now", "name": "This week"},
            {"field": "before", "name": "Week before", "style": "dashed"},
        ],
        "rows": [
            {"day": day, "now": value, "before": earlier} for (day, value), earlier in zip(now, aligned, strict=True)
        ],
        "unit": unit,
        "format": {"x": "day"},
    }
