"""Having the text written and checked: rejected texts are written again, then the table of figures stands alone."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from apps.memos.contracts import Attempt, Written
from apps.memos.engine import validator, writer
from apps.memos.engine.document import MemoDocument
from apps.memos.enums import ValidationStatus

MAX_ATTEMPTS: Final = 3
Writer = Callable[[Mapping[str, Any]], MemoDocument]


def written(packet: Mapping[str, Any], write: Writer = writer.write, name: str = writer.NAME) -> Written:
    """The text of `write` once it passes; after MAX_ATTEMPTS rejections the fallback, with every attempt kept."""
    attempts: list[Attempt] = []
    for number in range(1, MAX_ATTEMPTS + 1):
        verdict = validator.validate(write(packet), packet)
        attempts.append(_attempt(number, name, verdict))
        if verdict.passed:
            warnings = [finding.as_json() for finding in verdict.warnings]
            return Written(
                document=verdict.document, status=_status(number, warnings), warnings=warnings, attempts=attempts
            )
    warning = {
        "code": "FALLBACK",
        "where": "document",
        "message": "The text did not pass the checks; the figures stand alone.",
    }
    status = ValidationStatus.FALLBACK
    return Written(document=fallback(packet), status=status, warnings=[warning], attempts=attempts)


def fallback(packet: Mapping[str, Any]) -> MemoDocument:
    """The figures and notes without any prose about them."""
    full = writer.write(packet)
    headline = ("No text passed the checks for this week; the figures below are exact.",)
    return full.model_copy(update={"headline": headline, "likely_causes": (), "actions": ()})


def _status(number: int, warnings: list[dict[str, str]]) -> ValidationStatus:
    if number > 1:
        return ValidationStatus.REGENERATED
    return ValidationStatus.PASSED_WITH_WARNINGS if warnings else ValidationStatus.PASSED


def _attempt(number: int, name: str, verdict: validator.Verdict) -> Attempt:
    return Attempt(
        number=number,
        writer=name,
        document=verdict.document.model_dump(mode="json"),
        findings=[finding.as_json() for finding in verdict.rejections],
        accepted=verdict.passed,
    )
