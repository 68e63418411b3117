"""`POST /api/v1/policies/sql/check`: the safety rules by API, for those who may run queries."""

from collections.abc import Callable
from typing import Any

from apps.core.actor import Actor

Api = Callable[[Actor | None], Any]
DOOR = "/api/v1/policies/sql/check"


def test_a_member_learns_what_the_gate_would_say(api: Api, bob: Actor) -> None:
    answer = api(bob).post(DOOR, {"sql": "SELECT 1; DROP TABLE x", "dialect": "postgres"})
    assert answer.status_code == 200
    assert (answer.json()["decision"], answer.json()["kind"]) == ("block", "multiple")
    assert answer.json()["rules"][0]["id"] == "single_statement"
    allowed = api(bob).post(DOOR, {"sql": "SELECT * FROM d.t", "dialect": "bigquery"}).json()
    assert (allowed["decision"], allowed["final_sql"]) == ("rewrite", "SELECT * FROM d.t LIMIT 10000")


def test_a_text_longer_than_any_statement_is_judged_not_refused(api: Api, bob: Actor) -> None:
    answer = api(bob).post(DOOR, {"sql": "x" * 200_000, "dialect": "postgres"})
    assert (answer.status_code, answer.json()["rules"][0]["id"]) == (200, "length")


def test_a_viewer_may_not_and_an_unknown_dialect_is_bad_input(api: Api, carol: Actor, bob: Actor) -> None:
    assert api(carol).post(DOOR, {"sql": "SELECT 1", "dialect": "postgres"}).status_code == 403
    assert api(bob).post(DOOR, {"sql": "SELECT 1", "dialect": "oracle"}).status_code == 400
