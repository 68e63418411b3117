"""The fixed column corpus: every verdict, precision and recall per class, and what a verdict may hold."""

import json
from collections import Counter
from pathlib import Path

import pytest

from apps.policies.engine.pii import evaluation
from apps.policies.engine.pii.classify import classify_column, luck
from apps.policies.engine.pii.names import suggests
from apps.policies.engine.pii.tokens import tokens
from apps.policies.engine.pii.verdict import PiiKind, Tier
from apps.policies.management.commands import evaluate_pii
from tests.support import pii_columns

CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "corpora/pii/columns.jsonl").read_text(encoding="utf-8").splitlines()
]

GENERATED = [json.loads(line) for line in pii_columns.TARGET.read_text(encoding="utf-8").splitlines()]


def verdict_of(case: dict) -> tuple[str | None, str]:
    verdict = classify_column(case["name"], case["type"], Counter(case["values"]), table=case["table"])
    return verdict.kind, verdict.tier


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case['table']}.{case['name']}-{case['tier']}")
def test_corpus_column_gets_its_verdict(case: dict) -> None:
    assert verdict_of(case) == (case["kind"], case["tier"])


def test_protection_is_precise_and_complete_per_class_on_the_corpus() -> None:
    for kind in PiiKind:
        truth = [case["kind"] == kind and case["tier"] == "high" for case in CORPUS]
        found = [verdict_of(case) == (kind, "high") for case in CORPUS]
        hits = sum(t and f for t, f in zip(truth, found, strict=True))
        assert hits >= 0.95 * sum(truth)
        assert hits >= 0.95 * sum(found)


def test_evidence_never_holds_a_value() -> None:
    value = "anna.secret@example.com"
    verdict = classify_column("email", "STRING", {value: 3})
    assert verdict.tier is Tier.HIGH
    assert "secret" not in repr(verdict)
    assert verdict.evidence[0].mask == "aaaa.aaaaaa@aaaaaaa.aaa"
    assert verdict.evidence[0].count == 3


def test_one_rare_address_in_a_thousand_values_is_asked_about_not_ignored() -> None:
    values = {f"note {number}": 1 for number in range(1000)} | {"write to a@b.org": 1}
    assert classify_column("note", "STRING", values).tier is Tier.LOW


def test_repeating_one_value_a_million_times_proves_no_more_than_once() -> None:
    once = classify_column("host", "STRING", {"10.0.0.1": 1})
    often = classify_column("host", "STRING", {"10.0.0.1": 1_000_000})
    assert once.tier is often.tier is Tier.LOW


def test_luhn_passing_at_the_rate_of_chance_confirms_nothing() -> None:
    assert luck(10, 100, 0.1) == 1.0
    assert luck(60, 100, 0.1) < 1e-20


def test_values_already_redacted_are_no_evidence() -> None:
    assert classify_column("contact", "STRING", {"[REDACTED:email]": 50}).tier is Tier.NONE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("OrderDate", ("order", "date")),
        ("ORDER_DATE", ("order", "date")),
        ("straße-hausNr", ("strasse", "haus", "nr")),
        ("prénom", ("prenom",)),
        ("HTTPStatus2", ("http", "status", "2")),
    ],
)
def test_names_are_split_into_words(name: str, words: tuple[str, ...]) -> None:
    assert tokens(name) == words


@pytest.mark.parametrize("name", ["zipper", "shipment", "descriptor", "mailbox_size_kb", "phone_verified", "tip"])
def test_parts_of_words_suggest_nothing(name: str) -> None:
    assert suggests(name) is None


def test_published_figures_are_those_of_the_corpora() -> None:
    root = Path(__file__).parents[3]
    published = (root / "docs/pii-recognition.md").read_text(encoding="utf-8")
    assert evaluate_pii.figures(root / "tests/corpora/pii") in published


def test_the_generated_corpus_is_what_its_maker_makes() -> None:
    made = [json.dumps(row, ensure_ascii=False) for row in pii_columns.columns()]
    assert pii_columns.TARGET.read_text(encoding="utf-8").splitlines() == made


@pytest.mark.parametrize("row", evaluation.scores(map(evaluate_pii._outcome, GENERATED)), ids=lambda row: row.kind)
def test_every_class_of_the_generated_corpus_keeps_its_floor(row: evaluation.Score) -> None:
    assert row.precision >= 0.95
    assert row.f2 >= 0.95
