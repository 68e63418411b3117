"""Decides whether a memo's text may be shown: every check on its own, every finding with its place.

1. Every slot resolves, and no digit or number word stands outside one: so every number is the packet's.
2. Every notable change and every warning about the data is spoken of.
3. No metric the packet does not hold is spoken of; periods, superlatives and causal words claim no more than it holds.
4. Direction words agree with the sign of the figure they stand with.
5. A `data_supported` cause points at evidence, else it is downgraded to `speculative` (a warning, not a rejection).
A wrong text is rejected, never repaired.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from apps.memos.engine import slots, writer
from apps.memos.engine.document import LikelyCause, MemoDocument
from apps.memos.enums import EvidenceType, NoteLevel

Packet = Mapping[str, Any]

UP: Final = re.compile(
    r"\b(rose|rise[sn]?|rising|grew|grow[sn]?|growing|increas\w+|climb\w*|gain\w*|up|higher|improv\w+|jump\w*|surg\w+|soar\w*)\b",
    re.IGNORECASE,
)
DOWN: Final = re.compile(
    r"\b(fell|fall(?:s|en|ing)?|drop\w*|declin\w+|decreas\w+|down|lower|lost|los(?:e|es|ing|s|ses)|shrank|shrink\w*|slump\w*|plung\w+|dip\w*)\b",
    re.IGNORECASE,
)
FLAT: Final = re.compile(r"\b(unchanged|flat|steady|stable)\b", re.IGNORECASE)
NUMBER_WORDS: Final = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty|fifty|hundred\w*|thousand\w*|"
    r"million\w*|billion\w*|doubl\w+|tripl\w+|quadrupl\w+|halv\w+|half|twice|thrice|thirds?|quarters?|tenfold|percent)\b",
    re.IGNORECASE,
)
PERIODS: Final = re.compile(
    r"\b(yesterday|today|tomorrow|month(?:s|ly)?|quarterly|year(?:s|ly)?|annual\w*|decade|january|february|march|april|june|july|"
    r"august|september|october|november|december)\b",
    re.IGNORECASE,
)
SUPERLATIVES: Final = re.compile(
    r"\b(highest|lowest|best|worst|largest|biggest|smallest|strongest|weakest|record|unprecedented|ever|never)\b",
    re.IGNORECASE,
)
CAUSAL: Final = re.compile(
    r"\b(because|due to|caused|causes|driven|thanks to|owing to|result of|led to)\b", re.IGNORECASE
)
METRIC_WORDS: Final = re.compile(
    r"\b(revenue|sales|orders?|profits?|margins?|churn|conversions?|retention|users?|customers?|sign-?ups?|sessions?|visits?|"
    r"traffic|arpu|mrr|arr|ltv|cac|nps|refunds?|subscriptions?|subscribers?|events?|costs?|spend|bookings?)\b",
    re.IGNORECASE,
)
_FIGURES: Final = ("current", "previous", "delta_abs", "delta_pct")
MARKUP: Final = re.compile(r"https?:|www\.|<[a-z/!]|\]\(|!\[", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that failed: a stable code, where, and a sentence."""

    code: str
    where: str
    message: str

    def as_json(self) -> dict[str, str]:
        """What is stored with a rejected attempt."""
        return {"code": self.code, "where": self.where, "message": self.message}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rejections` forbid showing the text; `document` is it with unfounded causes downgraded, `warnings` say which."""

    document: MemoDocument
    rejections: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether the text may be shown."""
        return not self.rejections


def validate(document: MemoDocument, packet: Packet) -> Verdict:
    """All checks over one document."""
    rejections = [finding for where, text in texts(document) for finding in _sentence(where, text, packet)]
    rejections += _key_changes(document, packet)
    rejections += _coverage(document, packet)
    rejections += [
        f
        for i, line in enumerate(document.headline)
        for f in _match(CAUSAL, "CAUSE_IN_HEADLINE", f"headline.{i}", line)
    ]
    causes, warnings = _causes(document, packet)
    return Verdict(document.model_copy(update={"likely_causes": causes}), tuple(rejections), tuple(warnings))


def texts(document: MemoDocument) -> Iterator[tuple[str, str]]:
    """Every free text of a document with its place."""
    yield from ((f"headline.{i}", line) for i, line in enumerate(document.headline))
    for i, cause in enumerate(document.likely_causes):
        yield f"likely_causes.{i}.text", cause.text
        yield f"likely_causes.{i}.evidence", cause.evidence
    yield from ((f"actions.{i}", line) for i, line in enumerate(document.actions))
    yield from ((f"data_quality.{i}", line.text) for i, line in enumerate(document.data_quality))


def _sentence(where: str, text: str, packet: Packet) -> list[Finding]:
    bare = slots.outside(text)
    found = _slots(where, text, packet)
    if re.search(r"\d", bare) or "{{" in bare or "}}" in bare:
        found.append(Finding("DIGIT_OUTSIDE_SLOT", where, "A digit or an unreadable slot stands in the text."))
    found += _match(NUMBER_WORDS, "NUMBER_WORD", where, bare)
    found += _match(PERIODS, "UNKNOWN_PERIOD", where, bare)
    found += _match(SUPERLATIVES, "UNPROVEN_SUPERLATIVE", where, bare)
    found += _match(METRIC_WORDS, "UNKNOWN_METRIC", where, bare)
    found += _match(MARKUP, "MARKUP", where, bare)
    return found or _direction(where, text, packet)


def _slots(where: str, text: str, packet: Packet) -> list[Finding]:
    found = []
    for path in slots.paths(text):
        try:
            slots.written(packet, path)
        except slots.SlotError:
            code = (
                "UNKNOWN_METRIC"
                if path.startswith("kpi.") and path.split(".")[1] not in packet["kpi"]
                else "UNKNOWN_SLOT"
            )
            found.append(Finding(code, where, f"The packet holds nothing at {path}."))
    return found


def _direction(where: str, text: str, packet: Packet) -> list[Finding]:
    """Each clause's direction words against the change its slots point at."""
    found = []
    for clause in re.split(r"[.;:](?=\s|$)", text):
        bare = slots.outside(clause)
        for words, sign in ((UP, 1), (DOWN, -1), (FLAT, 0)):
            if not words.search(bare):
                continue
            signs = _signs(clause, packet)
            if not signs or any(known != sign for known in signs):
                found.append(Finding("WRONG_DIRECTION", where, "A direction word does not agree with the packet."))
    return found


def _signs(clause: str, packet: Packet) -> set[int]:
    """The directions of the changes a clause points at: parts and figures that carry one."""
    owners = {path.rsplit(".", 1)[0] for path in slots.paths(clause) if path.startswith("kpi.")}
    changes = [slots.resolve(packet, owner) for owner in owners]
    known = [c["delta_abs"] for c in changes if isinstance(c, Mapping) and c.get("delta_abs") is not None]
    return {0 if value == 0 else 1 if value > 0 else -1 for value in known}


def _key_changes(document: MemoDocument, packet: Packet) -> list[Finding]:
    found = []
    for i, change in enumerate(document.key_changes):
        where = f"key_changes.{i}"
        figure = packet["kpi"].get(change.metric)
        if figure is None:
            found.append(Finding("UNKNOWN_METRIC", where, f"The packet holds no metric “{change.metric[:60]}”."))
            continue
        wrong = [
            name for name in _FIGURES if getattr(change, name).replace(" ", "") != f"{{{{kpi.{change.metric}.{name}}}}}"
        ]
        found += [Finding("WRONG_NUMBER", f"{where}.{name}", "The figure is not the packet's slot.") for name in wrong]
        if str(change.significance) != figure["significance"]:
            found.append(Finding("WRONG_SIGNIFICANCE", where, "The significance is not the packet's."))
    return found


def _coverage(document: MemoDocument, packet: Packet) -> list[Finding]:
    listed = {change.metric for change in document.key_changes}
    spoken = {path.split(".")[1] for line in document.headline for path in slots.paths(line) if path.startswith("kpi.")}
    notes = {line.packet_ref for line in document.data_quality}
    found = []
    for key, figure in packet["kpi"].items():
        if writer.is_loud(figure) and not (key in listed and key in spoken):
            found.append(Finding("NOT_COVERED", f"kpi.{key}", "A notable change is not spoken of."))
    for i, note in enumerate(packet["data_quality"]):
        if note["level"] == NoteLevel.WARNING and f"data_quality.{i}" not in notes:
            found.append(Finding("NOT_COVERED", f"data_quality.{i}", "A warning about the data is not spoken of."))
    return found


def _causes(document: MemoDocument, packet: Packet) -> tuple[tuple[LikelyCause, ...], list[Finding]]:
    kept, warnings = [], []
    for i, cause in enumerate(document.likely_causes):
        if cause.evidence_type is EvidenceType.DATA_SUPPORTED and not _founded(cause, packet):
            cause = cause.model_copy(update={"evidence_type": EvidenceType.SPECULATIVE})
            message = "The cause claimed evidence that the packet does not hold; it is shown as speculative."
            warnings.append(Finding("EVIDENCE_DOWNGRADED", f"likely_causes.{i}", message))
        kept.append(cause)
    return tuple(kept), warnings


def _founded(cause: LikelyCause, packet: Packet) -> bool:
    """Evidence is a part that explains a fair share of the change, and that the sentence itself names."""
    try:
        part = slots.resolve(packet, cause.packet_ref)
    except slots.SlotError:
        return False
    named = any(path.startswith(f"{cause.packet_ref}.") for path in slots.paths(cause.text))
    share = part.get("share") if isinstance(part, Mapping) else None
    return named and share is not None and share >= writer.DRIVER_SHARE


def _match(pattern: re.Pattern[str], code: str, where: str, text: str) -> list[Finding]:
    match = pattern.search(slots.outside(text))
    return [] if match is None else [Finding(code, where, f"“{match.group(0)}” claims more than the packet holds.")]
