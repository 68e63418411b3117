"""Errors of pages come in the shell's page, errors of programs as problems, whatever raised them."""

from collections.abc import Callable

from django.test import Client

from apps.core.actor import Actor

Browser = Callable[[Actor], Client]


def test_a_workspace_that_is_not_yours_answers_404_in_a_page(browser_client: Browser, mallory: Actor) -> None:
    response = browser_client(mallory).get("/t/acme/")
    assert (response.status_code, response["Content-Type"][:9]) == (404, "text/html")
    assert response["X-Request-ID"] in response.content.decode()


def test_an_unknown_page_answers_404_in_the_shell(browser_client: Browser, alice: Actor) -> None:
    response = browser_client(alice).get("/t/acme/no/such/page")
    assert (response.status_code, response["Content-Type"][:9]) == (404, "text/html")


def test_the_pages_own_api_answers_with_problems(browser_client: Browser, alice: Actor, mallory: Actor) -> None:
    assert browser_client(alice).get("/t/acme/api/v1/audit").status_code == 200
    refused = browser_client(mallory).get("/t/acme/api/v1/audit")
    assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json")


def test_a_session_write_without_the_csrf_token_is_refused(alice: Actor, browser_client: Browser) -> None:
    client = browser_client(alice)
    client.handler.enforce_csrf_checks = True
    response = client.post("/t/acme/api/v1/data/query", {"sql": "SELECT 1"}, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "CSRF_FAILED")
