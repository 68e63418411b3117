"""The embedded writer: the same packet gives the same memo, byte for byte, with no model and no digit of its own."""

from collections.abc import Mapping
from typing import Any, Final

from apps.memos.engine import significance
from apps.memos.engine.document import DataQualityLine, KeyChange, LikelyCause, MemoDocument
from apps.memos.enums import DeltaCase, EvidenceType, NoteLevel, Significance

NAME: Final = "embedded-writer"
VERSION: Final = 1
MAX_HEADLINES: Final = 5
DRIVER_SHARE: Final = 0.3
DRIVER_LIFT: Final = 1.25
Packet = Mapping[str, Any]

_NOTE_TEXT: Final[Mapping[str, str]] = {
    "data_ends": "The data ends on {{%s.day}}; this memo covers the latest week it holds, not the calendar's last one.",
    "stale_table": "{{%s.table}} holds nothing after {{%s.day}}, so its figures for the week are incomplete.",
    "silent_table": "{{%s.table}} holds nothing after {{%s.day}}; it has no figures in this memo.",
    "short_history": "{{%s.table}} begins on {{%s.day}}, so the week before is incomplete and comparisons are weak.",
    "missing_days": "{{%s.table}} holds no rows for {{%s.days}}: the comparison includes days without data.",
    "missing_days_before": "Earlier, {{%s.table}} holds no rows for {{%s.days}}.",
    "empty_column": "{{%s.column}} of {{%s.table}} is empty in {{%s.share}} of the rows profiled.",
    "mixed_currency": "{{%s.table}} mixes {{%s.count}} currencies in {{%s.column}}; amounts are not converted.",
    "unreconciled": "{{%s.metric}} changed while it was being read; its figures do not agree with each other.",
}


def write(packet: Packet) -> MemoDocument:
    """The memo of a packet."""
    loud = ranked(packet)
    return MemoDocument(
        headline=tuple(_headlines(packet, loud)),
        key_changes=tuple(_change(key, packet["kpi"][key]) for key in packet["order"]),
        likely_causes=tuple(cause for key in loud for cause in _causes(packet, key)),
        actions=tuple(_actions(packet, loud)),
        data_quality=tuple(_note(index, note) for index, note in enumerate(packet["data_quality"])),
    )


def ranked(packet: Packet) -> list[str]:
    """The metrics that changed notably, the loudest first; among equals the packet's order."""
    levels = list(Significance)
    loud = [key for key in packet["order"] if _level(packet, key) in {Significance.NOTABLE, Significance.MAJOR}]
    return sorted(loud, key=lambda key: -levels.index(_level(packet, key)))


def _level(packet: Packet, key: str) -> Significance:
    return Significance(packet["kpi"][key]["significance"])


def _headlines(packet: Packet, loud: list[str]) -> list[str]:
    lines = [_sentence(key, packet["kpi"][key]) for key in loud]
    if not lines:
        lines = ["No metric changed notably against the week before."]
        lines += [_sentence(key, packet["kpi"][key]) for key in packet["order"][:2]]
    return lines[: max(MAX_HEADLINES, len(loud))][:12]


def _sentence(key: str, figure: Packet) -> str:
    at = f"kpi.{key}"
    label, current, previous = f"{{{{{at}.label}}}}", f"{{{{{at}.current}}}}", f"{{{{{at}.previous}}}}"
    case = DeltaCase(figure["case"])
    if case is DeltaCase.FROM_ZERO:
        return f"{label} came to {current}, after {previous} in the week before."
    if case is DeltaCase.BOTH_ZERO:
        return f"{label} stayed at {current} in both weeks."
    if case in {DeltaCase.NO_CURRENT, DeltaCase.NO_DATA}:
        return f"{label} cannot be told: there is no data for the week."
    if case is DeltaCase.NO_PREVIOUS:
        return f"{label} came to {current}; there is no week before to compare with."
    if figure["direction"] == 0:
        return f"{label} was unchanged at {current}."
    verb = "rose" if figure["direction"] > 0 else "fell"
    return f"{label} {verb} by {{{{{at}.delta_pct|abs}}}} to {current}, from {previous} in the week before."


def _change(key: str, figure: Packet) -> KeyChange:
    at = f"kpi.{key}"
    return KeyChange(
        metric=key,
        current=f"{{{{{at}.current}}}}",
        previous=f"{{{{{at}.previous}}}}",
        delta_abs=f"{{{{{at}.delta_abs}}}}",
        delta_pct=f"{{{{{at}.delta_pct}}}}",
        significance=Significance(figure["significance"]),
    )


def drivers(figure: Packet) -> list[tuple[int, int]]:
    """Segment and part positions that drove the change: the first of each segment that explains DRIVER_SHARE of it.

    A part must also explain DRIVER_LIFT times what its weight in the week before would: a large part moves much anyway.
    """
    found = []
    for position, segment in enumerate(figure["segments"]):
        for index, part in enumerate(segment["parts"]):
            weight = (part["previous"] or 0) / figure["previous"] if figure["previous"] else 0
            if not part["is_rest"] and (part["share"] or 0) >= max(DRIVER_SHARE, DRIVER_LIFT * weight):
                found.append((position, index))
                break
    return found


def _causes(packet: Packet, key: str) -> list[LikelyCause]:
    figure = packet["kpi"][key]
    found = [_driver(key, figure, position, index) for position, index in drivers(figure)]
    found += [_gap(key, index) for index in _gaps(packet, figure)]
    if found:
        return found
    text = f"The data does not tell why {{{{kpi.{key}.label}}}} changed: no confirmed dimension stands out."
    return [LikelyCause(text=text, evidence_type=EvidenceType.SPECULATIVE)]


def _driver(key: str, figure: Packet, position: int, index: int) -> LikelyCause:
    segment = f"kpi.{key}.segments.{position}"
    part = f"{segment}.parts.{index}"
    verb = "rose" if figure["segments"][position]["parts"][index]["delta_abs"] > 0 else "fell"
    text = (
        f"By {{{{{segment}.label}}}}, {{{{{part}.name}}}} {verb} by {{{{{part}.delta_abs|abs}}}}: "
        f"{{{{{part}.share}}}} of the change in {{{{kpi.{key}.label}}}}."
    )
    supported = EvidenceType.DATA_SUPPORTED
    return LikelyCause(text=text, evidence_type=supported, evidence="Contribution to the change", packet_ref=part)


def _gaps(packet: Packet, figure: Packet) -> list[int]:
    """Positions of the notes about days missing from the metric's table."""
    name = figure["table"].split(".", 1)[-1]
    notes = enumerate(packet["data_quality"])
    return [i for i, note in notes if note["kind"] in {"missing_days", "stale_table"} and note["table"] == name]


def _gap(key: str, index: int) -> LikelyCause:
    table, label = f"{{{{data_quality.{index}.table}}}}", f"{{{{kpi.{key}.label}}}}"
    text = f"Days without data in {table} may account for part of the change in {label}."
    return LikelyCause(text=text, evidence_type=EvidenceType.SPECULATIVE, packet_ref=f"data_quality.{index}")


def _actions(packet: Packet, loud: list[str]) -> list[str]:
    found: list[str] = []
    asked: set[tuple[str, str]] = set()
    for key in loud:
        figure = packet["kpi"][key]
        for position, index in drivers(figure)[:1]:
            segment = figure["segments"][position]
            if (segment["dimension"], segment["parts"][index]["name"]) in asked:
                continue
            asked.add((segment["dimension"], segment["parts"][index]["name"]))
            part = f"kpi.{key}.segments.{position}.parts.{index}.name"
            found.append(
                f"Ask what happened with {{{{{part}}}}}: it moved {{{{kpi.{key}.label}}}} more than any other part."
            )
    for index, note in enumerate(packet["data_quality"]):
        if note["kind"] in {"missing_days", "stale_table", "silent_table"}:
            found.append(f"Check how {{{{data_quality.{index}.table}}}} is loaded, and load the missing days again.")
        if note["kind"] == "empty_column" and note["level"] == NoteLevel.WARNING:
            at = f"data_quality.{index}"
            found.append(f"Find out why {{{{{at}.column}}}} of {{{{{at}.table}}}} is often empty.")
    return found or ["Nothing asks for action this week."]


def _note(index: int, note: Packet) -> DataQualityLine:
    at = f"data_quality.{index}"
    return DataQualityLine(text=_NOTE_TEXT[note["kind"]].replace("%s", at), packet_ref=at)


def loudest(packet: Packet) -> Significance:
    """The highest level any metric reached."""
    levels = [_level(packet, key) for key in packet["order"]]
    return max(levels, key=list(Significance).index, default=Significance.UNKNOWN)


def is_loud(figure: Packet) -> bool:
    """Whether a metric's change must be spoken of."""
    return significance.at_least(Significance(figure["significance"]), Significance.NOTABLE)
