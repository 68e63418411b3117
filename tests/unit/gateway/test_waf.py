"""The firewall fires by rule id on attacks, never on SQL in a SQL field, people's prose or the product's own use.

Both directions are measured on tests/corpora/door: one JSON object a line.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from apps.gateway.engine import waf

CORPORA = Path(__file__).resolve().parents[2] / "corpora"


def _cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPORA / "door" / name).read_text().splitlines()]


def _found(case: dict[str, Any]) -> waf.Rule | None:
    if case["place"] == "path":
        return waf.in_path(case["value"])
    if case["place"] == "header":
        return waf.in_headers(case["value"])
    return waf.in_fields({"deep": [{case["name"]: case["value"]}]})


def test_every_attack_of_the_corpus_is_found() -> None:
    cases = _cases("attacks.jsonl")
    assert len(cases) >= 140
    assert [case for case in cases if _found(case) is None] == []


def test_nothing_innocent_is_refused() -> None:
    cases = _cases("innocent.jsonl")
    assert len(cases) >= 130
    assert [(case, rule.id) for case in cases if (rule := _found(case))] == []


def _statements() -> list[str]:
    found = []
    for path in sorted((CORPORA / "sql").glob("*.sql")):
        found += [text.strip() for text in path.read_text().split("\n---\n") if text.strip()]
    return found


@pytest.mark.parametrize("field", ["sql", "query", "statements", "ddl", "using", "filter", "script", "definition"])
def test_no_sql_in_a_sql_field_is_ever_refused(field: str) -> None:
    attacks = [case["value"] for case in _cases("attacks.jsonl") if case["place"] == "field"]
    texts = _statements() + attacks
    assert len(texts) > 200
    assert [text for text in texts if waf.in_fields({field: text, "datasource": "main"})] == []
    assert waf.in_fields({field: {"text": texts}}) is None


@pytest.mark.parametrize(
    "document",
    [
        {"row": {"bio": "<script>my own cell</script>"}},
        {"password": "' or '1'='1"},
        {"changes": [{"before": "x'; DROP TABLE x", "after": "${env:X} is prose here no more"}]},
    ],
    ids=["row", "password", "changes"],
)
def test_rows_and_secrets_are_not_read(document: dict[str, Any]) -> None:
    assert waf.in_fields(document) is None


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/.env", "W102"),
        ("/static/../manage.py", "W101"),
        ("/wp-admin/setup", "W103"),
        ("/index.php", "W104"),
        ("/api/v1/x\x00", "W105"),
        ("/t/acme/%0d%0aSet-Cookie:a", "W106"),
        ("/actuator/env", "W107"),
    ],
)
def test_a_probing_path_is_named(path: str, rule: str) -> None:
    found = waf.in_path(path)
    assert found is not None
    assert found.id == rule


def test_rule_ids_are_unique_and_every_rule_is_proven_by_the_corpus() -> None:
    ids = {rule.id for rule in waf.RULES}
    assert len(ids) == len(waf.RULES)
    assert {rule.id for case in _cases("attacks.jsonl") if (rule := _found(case))} == ids


def test_a_field_of_the_route_can_be_left_unread() -> None:
    assert waf.in_fields({"template": "<script>"}, unread=frozenset({"template"})) is None


def test_what_is_remembered_of_a_text_holds_for_its_place_alone() -> None:
    said = "sqlmap 1.8"
    for _ in range(2):
        assert waf.in_fields({"x": said}) is None
        assert waf.in_headers(said) is not None
        assert waf.in_fields({"x": "<script>"}) is not None
        assert waf.in_fields({"note": "<script>"}) is None


def test_a_long_value_is_looked_at_from_both_ends() -> None:
    padding = "x " * waf.LONGEST
    assert waf.in_fields({"region": "<script>" + padding}) is not None
    assert waf.in_fields({"region": padding + "<script>"}) is not None


def test_hints_are_what_the_expressions_need() -> None:
    for case in _cases("attacks.jsonl"):
        text = case["value"]
        place = waf.Place(case["place"])
        for hints, pattern, rule in waf._RULES_OF[place, False]:
            if pattern.search(text):
                assert not hints or any(hint in text.lower() for hint in hints), (rule.id, text)
