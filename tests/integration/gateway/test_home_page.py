"""Landing, home, palette and notices, through the real stack of middleware."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core.actor import Actor

HOME_QUERIES = 30  # session, person, membership, then a handful for each panel; never one a line
PageClient = Callable[[Actor], Client]


def test_a_stranger_sees_the_landing_page() -> None:
    response = Client().get("/")
    assert response.status_code == 200
    assert b"Log in" in response.content


def test_a_stranger_is_sent_from_the_home_page_to_the_login() -> None:
    response = Client().get("/t/acme/")
    assert (response.status_code, response["Location"]) == (302, "/login?next=%2Ft%2Facme%2F")


def test_who_is_logged_in_goes_from_the_front_door_to_their_workspace(browser_client: PageClient, alice: Actor) -> None:
    response = browser_client(alice).get("/", follow=True)
    assert response.redirect_chain[-1][0] == "/t/acme/"


@pytest.mark.parametrize("person", ["alice", "bob", "carol"])
def test_the_home_page_opens_for_every_role(
    browser_client: PageClient, person: str, request: pytest.FixtureRequest
) -> None:
    response = browser_client(request.getfixturevalue(person)).get("/t/acme/")
    assert response.status_code == 200
    assert b"Running now" in response.content


def test_the_home_page_asks_the_database_a_fixed_number_of_questions(browser_client: PageClient, alice: Actor) -> None:
    client = browser_client(alice)
    client.get("/t/acme/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/t/acme/")
    assert len(queries) <= HOME_QUERIES, [query["sql"][:120] for query in queries]


def test_the_navigation_shows_only_what_the_role_may_open(
    browser_client: PageClient, alice: Actor, carol: Actor
) -> None:
    assert b"/t/acme/operations/audit/" in browser_client(alice).get("/t/acme/").content
    assert b"/t/acme/operations/audit/" not in browser_client(carol).get("/t/acme/").content


def test_htmx_gets_the_panels_alone(browser_client: PageClient, alice: Actor) -> None:
    response = browser_client(alice).get("/t/acme/", headers={"HX-Request": "true"})
    assert b"<html" not in response.content
    assert "HX-Request" in response["Vary"]


def test_the_palette_answers_members_and_nobody_else(browser_client: PageClient, alice: Actor, mallory: Actor) -> None:
    assert "items" in browser_client(alice).get("/t/acme/palette?q=or").json()
    assert (
        browser_client(mallory).get("/t/acme/palette?q=or", headers={"Accept": "application/json"}).status_code == 404
    )


def test_an_error_names_the_request_id_that_the_header_carries(browser_client: PageClient, alice: Actor) -> None:
    response = browser_client(alice).get("/t/acme/nowhere/")
    assert response.status_code == 404
    assert response["X-Request-ID"].encode() in response.content


def test_a_form_without_its_token_is_refused_with_a_way_on(alice: Actor) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login", {"email": alice.email, "password": "x"})
    assert response.status_code == 403
    assert b"Reload the page" in response.content


def test_pages_travel_compressed_and_api_answers_do_not(browser_client: PageClient, alice: Actor) -> None:
    client, wish = browser_client(alice), {"Accept-Encoding": "gzip"}
    assert client.get("/t/acme/", headers=wish)["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/t/acme/api/v1/auth/me", headers=wish)
