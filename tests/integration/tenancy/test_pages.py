"""Login, profile, members and workspaces as pages."""

from collections.abc import Callable

from django.test import Client

from apps.core.actor import Actor
from tests.support import cast

PageClient = Callable[[Actor], Client]


def test_a_good_login_leads_into_the_only_workspace() -> None:
    response = Client().post("/login", {"email": "carol@acme.test", "password": cast.PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == "/t/acme/"


def test_a_wrong_password_gives_the_form_again_with_422() -> None:
    response = Client().post("/login", {"email": "nobody@acme.test", "password": "wrong"})
    assert response.status_code == 422
    assert b"E-mail or password is wrong." in response.content
    assert b"wrong</" not in response.content.replace(b"is wrong.</", b"")


def test_a_profile_is_saved_and_shows_at_once(browser_client: PageClient, bob: Actor) -> None:
    client = browser_client(bob)
    values = {"name": "Bob", "timezone": "America/New_York", "theme": "dark"}
    saved = client.post("/t/acme/settings/profile/", values)
    assert (saved.status_code, saved["Location"]) == (303, "/t/acme/settings/profile/")
    page = client.get("/t/acme/settings/profile/").content.decode()
    assert 'data-bs-theme="dark"' in page
    assert 'data-timezone="America/New_York"' in page
    client.post("/t/acme/settings/profile/", {"name": "Bob", "timezone": "", "theme": "auto"})


def test_a_zone_that_does_not_exist_gives_the_form_again(browser_client: PageClient, bob: Actor) -> None:
    response = browser_client(bob).post("/t/acme/settings/profile/", {"timezone": "Mars/Olympus", "theme": "auto"})
    assert response.status_code == 422


def test_members_are_those_of_the_workspace_only(browser_client: PageClient, alice: Actor) -> None:
    page = browser_client(alice).get("/t/acme/settings/members/").content.decode()
    assert "carol@acme.test" in page
    assert "mallory@globex.test" not in page


def test_a_viewer_may_not_list_the_members(browser_client: PageClient, carol: Actor) -> None:
    assert browser_client(carol).get("/t/acme/settings/members/").status_code == 403


def test_nobody_becomes_somebody_else_by_the_demo_login() -> None:
    response = Client().post("/login/demo", {"email": "operator@atom.test"})
    assert response.status_code == 404


def test_a_link_cannot_log_a_person_out(browser_client: PageClient, alice: Actor) -> None:
    client = browser_client(alice)
    assert client.get("/logout").status_code == 405
    assert client.get("/t/acme/").status_code == 200
