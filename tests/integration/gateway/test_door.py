"""What every API does with a bad request: one clear problem document each, nothing leaks, nothing is lost."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from apps.core.actor import Actor

QUERY = "/api/v1/data/query"
Api = Callable[[Actor | None], Any]


def problem_of(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = orjson.loads(response.content)
    assert (body["code"], body["status"]) == (code, status)
    assert body["request_id"] == response["X-Request-ID"]
    assert body["detail"]
    assert "Traceback" not in response.content.decode()
    return body


def test_a_request_id_is_made_when_absent_and_echoed_when_given(api: Api, alice: Actor) -> None:
    made = api(alice).get("/health")["X-Request-ID"]
    assert len(made) == 36
    given = api(alice).get("/health", headers={"X-Request-ID": "my-trace-0001"})
    assert given["X-Request-ID"] == "my-trace-0001"


def test_an_ill_formed_request_id_is_replaced(api: Api, alice: Actor) -> None:
    assert api(alice).get("/health", headers={"X-Request-ID": "a b"})["X-Request-ID"] != "a b"


def test_a_body_over_two_megabytes_is_refused(api: Api, alice: Actor) -> None:
    response = api(alice).post(QUERY, {"sql": "x" * (2 * 1024 * 1024 + 1)})
    assert problem_of(response, 413, "TOO_LARGE")["limit_bytes"] == 2 * 1024 * 1024


def test_a_body_that_is_not_json_by_type_is_refused(api: Api, alice: Actor) -> None:
    response = api(alice).post(QUERY, "sql=SELECT 1", content_type="text/plain")
    assert "application/json" in problem_of(response, 415, "UNSUPPORTED_MEDIA_TYPE")["accepted"]


def test_broken_json_is_refused_with_the_place(api: Api, alice: Actor) -> None:
    response = api(alice).post(QUERY, '{"sql": "SELECT 1",}', content_type="application/json")
    assert "line 1" in problem_of(response, 400, "BROKEN_JSON")["detail"]


def test_an_unknown_route_is_a_problem_for_programs(api: Api, alice: Actor) -> None:
    problem_of(api(alice).get("/api/v1/nothing/here"), 404, "NOT_FOUND")


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(api: Api, alice: Actor) -> None:
    response = api(alice).get(QUERY)
    problem_of(response, 405, "METHOD_NOT_ALLOWED")
    assert "POST" in response["Allow"]


def test_no_token_and_a_bad_token_are_told_apart_from_nothing_else(api: Api) -> None:
    assert api(None).post(QUERY, {"sql": "SELECT 1"}).status_code == 401
    client = api(None)
    client.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    problem_of(client.post(QUERY, {"sql": "SELECT 1"}), 401, "TOKEN_INVALID")


def test_the_firewall_names_its_rule(api: Api, alice: Actor) -> None:
    body = problem_of(api(alice).post(QUERY, {"sql": "SELECT 1", "datasource": "../../etc"}), 403, "WAF_REFUSED")
    assert body["rule"] == "W101"


def test_the_firewall_never_fires_on_sql_in_a_sql_field(api: Api, alice: Actor) -> None:
    sql = "SELECT '../../etc/passwd', '<script>' UNION SELECT 'x'' OR ''1''=''1', ''"
    assert api(alice).post(QUERY, {"sql": sql}).status_code != 403


@pytest.mark.parametrize("path", ["/.env", "/api/v1/../../etc/passwd", "/wp-admin/x"])
def test_probing_paths_are_refused(api: Api, path: str) -> None:
    assert api(None).get(path).status_code == 403


def test_every_program_answer_says_what_is_left_of_the_rate(api: Api, alice: Actor) -> None:
    response = api(alice).get("/api/v1/audit")
    assert response.status_code == 200, response.content
    assert int(response["RateLimit-Remaining"]) < int(response["RateLimit-Limit"])


def test_the_latest_version_answers_without_its_number(api: Api, alice: Actor) -> None:
    assert api(alice).get("/api/audit").status_code == api(alice).get("/api/v1/audit").status_code == 200


def test_data_is_answered_under_a_policy_that_loads_nothing(api: Api, bob: Actor) -> None:
    response = api(bob).get("/api/v1/data/tables")
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_a_cookie_beside_a_bearer_token_is_not_looked_at(
    api: Api, bob: Actor, carol: Actor, browser_client: Any
) -> None:
    client = api(carol)
    client.cookies = browser_client(bob).cookies
    assert client.post("/api/v1/data/query", {"sql": "SELECT 1"}).status_code == 403
