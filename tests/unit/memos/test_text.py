"""What may be said of a packet: the embedded writer passes, every kind of invention is rejected."""

import json
from pathlib import Path
from typing import Any

import pytest

from apps.artifacts.engine import canonical
from apps.memos.engine import document as document_module
from apps.memos.engine import render, slots, validator, writer
from apps.memos.engine.document import LikelyCause, MemoDocument
from apps.memos.enums import EvidenceType, ValidationStatus
from apps.memos.services import writing
from tests.unit.memos.packets import packet


def codes(document: MemoDocument) -> set[str]:
    return {finding.code for finding in validator.validate(document, packet()).rejections}


def with_headline(*lines: str) -> MemoDocument:
    return writer.write(packet()).model_copy(update={"headline": lines})


GOOD = "{{kpi.revenue.label}} fell by {{kpi.revenue.delta_pct|abs}} to {{kpi.revenue.current}}."


def test_the_embedded_writer_passes_its_own_validator() -> None:
    verdict = validator.validate(writer.write(packet()), packet())
    assert verdict.rejections == ()
    assert verdict.warnings == ()


def test_the_same_packet_gives_the_same_memo_byte_for_byte() -> None:
    assert writer.write(packet()).model_dump_json() == writer.write(packet()).model_dump_json()
    assert canonical.digest(packet()) == canonical.digest(packet())


def test_figures_are_written_from_the_packet_alone() -> None:
    text = render.as_text(writer.write(packet()).model_dump(mode="json"), packet())
    assert text["headline"][0] == "Revenue fell by 20.0\u202f% to €800.00, from €1,000 in the week before."
    assert text["key_changes"][0]["delta_abs"] == "−€200.00"
    assert "13 November 2026" in text["data_quality"][0]["text"]


def test_a_segment_whose_name_holds_digits_may_be_named_by_its_slot() -> None:
    causes = [cause.text for cause in writer.write(packet()).likely_causes]
    assert any("Route 66" in slots.render(text, packet()) for text in causes)
    assert all("66" not in text for text in causes)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (GOOD + " That is 200 less.", "DIGIT_OUTSIDE_SLOT"),
        (GOOD + " That is ２００ less.", "DIGIT_OUTSIDE_SLOT"),
        (GOOD + " {{kpi.revenue.current", "DIGIT_OUTSIDE_SLOT"),
        (GOOD + " It nearly halved.", "NUMBER_WORD"),
        ("{{kpi.revenue.label}} rose by {{kpi.revenue.delta_pct|abs}}.", "WRONG_DIRECTION"),
        ("{{kpi.revenue.label}} was unchanged at {{kpi.revenue.current}}.", "WRONG_DIRECTION"),
        ("Things are down.", "WRONG_DIRECTION"),
        (GOOD + " {{kpi.profit.current}} is left.", "UNKNOWN_METRIC"),
        (GOOD + " Churn is what matters.", "UNKNOWN_METRIC"),
        (GOOD + " {{kpi.revenue.nothing}}", "UNKNOWN_SLOT"),
        (GOOD + " {{kpi.revenue}}", "UNKNOWN_SLOT"),
        (GOOD + " The worst month ever.", "UNKNOWN_PERIOD"),
        (GOOD + " It is a record.", "UNPROVEN_SUPERLATIVE"),
        ("{{kpi.revenue.label}} fell because of the weather.", "CAUSE_IN_HEADLINE"),
        (GOOD + " See https://example.org/x", "MARKUP"),
        ("{{kpi.orders.label}} was unchanged at {{kpi.orders.current}}.", "NOT_COVERED"),
    ],
)
def test_what_the_packet_does_not_say_is_rejected(line: str, code: str) -> None:
    assert code in codes(with_headline(line))


def test_a_wrong_number_in_the_table_is_rejected() -> None:
    document = writer.write(packet())
    wrong = document.key_changes[0].model_copy(update={"current": "{{kpi.orders.current}}"})
    assert "WRONG_NUMBER" in codes(document.model_copy(update={"key_changes": (wrong, document.key_changes[1])}))


def test_a_warning_about_the_data_must_be_spoken_of() -> None:
    assert "NOT_COVERED" in codes(writer.write(packet()).model_copy(update={"data_quality": ()}))


@pytest.mark.parametrize("ref", ["", "kpi.revenue", "kpi.revenue.segments.0.parts.1", "kpi.nothing.at.all"])
def test_a_cause_without_evidence_is_downgraded_to_speculative(ref: str) -> None:
    claim = LikelyCause(
        text="{{kpi.revenue.segments.0.parts.0.name}} explains it.",
        evidence_type=EvidenceType.DATA_SUPPORTED,
        packet_ref=ref,
    )
    document = writer.write(packet()).model_copy(update={"likely_causes": (claim,)})
    verdict = validator.validate(document, packet())
    assert verdict.document.likely_causes[0].evidence_type is EvidenceType.SPECULATIVE
    assert [warning.code for warning in verdict.warnings] == ["EVIDENCE_DOWNGRADED"]


def test_a_rejected_text_is_written_again_and_the_good_one_shown() -> None:
    texts = [with_headline("Revenue is 800 now."), writer.write(packet())]
    found = writing.written(packet(), lambda _: texts.pop(0), "stub")
    assert found.status is ValidationStatus.REGENERATED
    assert [attempt.accepted for attempt in found.attempts] == [False, True]
    assert found.attempts[0].findings


def test_three_rejections_leave_the_figures_standing_alone() -> None:
    found = writing.written(packet(), lambda _: with_headline("Revenue is 800 now."), "stub")
    assert found.status is ValidationStatus.FALLBACK
    assert len(found.attempts) == 3
    assert found.document.likely_causes == ()
    assert len(found.document.key_changes) == 2


def test_no_digit_stands_in_any_text_of_the_embedded_writer() -> None:
    for _, text in validator.texts(writer.write(packet())):
        assert not any(character.isdigit() for character in slots.outside(text))


def test_a_quiet_week_says_so() -> None:
    quiet: dict[str, Any] = packet()
    quiet["kpi"]["revenue"]["significance"] = "minor"
    document = writer.write(quiet)
    assert document.headline[0] == "No metric changed notably against the week before."
    assert validator.validate(document, quiet).passed


def test_the_schema_checked_in_is_the_one_enforced() -> None:
    written_down = json.loads((Path(document_module.__file__).parents[1] / "document.schema.json").read_text())
    assert written_down == MemoDocument.model_json_schema()
