"""The second factor, over the API and on pages: set up, asked for, used once, guessed at, lost."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.core import clock
from apps.core.actor import Actor
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.tenancy.models import Letter, SecondFactor, Tenant, User
from apps.tenancy.services import links
from tests.support import cast

Api = Callable[[Actor | None], APIClient]
ONE_TENANT = True


@pytest.fixture(autouse=True)
def _no_attempts_before() -> None:
    for kind in ("login", "link"):
        for key in redis_client().scan_iter(f"atom:{kind}:*"):
            redis_client().delete(key)


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Iterator[Actor]:
    """Admin of a tenant of the test's own; her account goes with the test."""
    email = f"frida@{fresh_tenant.slug}.test"
    yield cast.actor(email, fresh_tenant)
    User.objects.filter(email=email).delete()


def _secret(address: str) -> str:
    return parse_qs(urlsplit(address).query)["secret"][0]


def _code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(int(at.timestamp()))


def _set_up(api: Api, who: Actor) -> tuple[str, list[str]]:
    """A second factor set two codes ago, so that the present code is a fresh one."""
    with clock.frozen(clock.now() - timedelta(seconds=60)):
        return _confirmed(api, who)


def _confirmed(api: Api, who: Actor) -> tuple[str, list[str]]:
    begun = api(who).post("/api/v1/auth/second-factor", {"password": cast.PASSWORD})
    assert begun.status_code == 201, begun.json()
    assert "no-store" in begun["Cache-Control"]
    secret = _secret(begun.json()["otpauth"])
    confirmed = api(who).post("/api/v1/auth/second-factor/confirm", {"code": _code(secret, clock.now())})
    assert confirmed.status_code == 200, confirmed.json()
    return secret, confirmed.json()["recovery_codes"]


def _login(api: Api, who: Actor) -> Any:
    return api(None).post("/auth/login", {"username": who.email, "password": cast.PASSWORD})


def _finish(api: Api, challenge: str, code: str) -> Any:
    return api(None).post("/auth/login/second-factor", {"challenge": challenge, "code": code})


def test_a_login_asks_for_a_code_takes_it_once_and_the_secret_is_sealed(api: Api, frida: Actor) -> None:
    secret, _ = _set_up(api, frida)
    assert secret.encode() not in bytes(SecondFactor.objects.get(user_id=frida.id).sealed)
    asked = _login(api, frida)
    assert (asked.status_code, asked.json()["code"], asked.json()["mfa_required"]) == (401, "MFA_REQUIRED", True)
    code = _code(secret, clock.now())
    assert _finish(api, asked.json()["challenge"], code).status_code == 200
    again = _finish(api, _login(api, frida).json()["challenge"], code)
    assert (again.status_code, again.json()["code"]) == (401, "CODE_WRONG")


def test_five_wrong_codes_close_the_door_to_right_ones_too(api: Api, frida: Actor) -> None:
    secret, _ = _set_up(api, frida)
    challenge = _login(api, frida).json()["challenge"]
    for _ in range(5):
        assert _finish(api, challenge, "000000").status_code == 401
    answer = _finish(api, challenge, _code(secret, clock.now()))
    assert (answer.status_code, answer.json()["code"]) == (429, "CODE_THROTTLED")
    assert int(answer["Retry-After"]) > 200


def test_a_recovery_code_works_once_and_is_stored_hashed(api: Api, frida: Actor) -> None:
    _, codes = _set_up(api, frida)
    factor = SecondFactor.objects.get(user_id=frida.id)
    assert codes[0].replace("-", "") not in list(factor.recovery_codes.values_list("code_hash", flat=True))
    assert _finish(api, _login(api, frida).json()["challenge"], codes[0]).status_code == 200
    assert _finish(api, _login(api, frida).json()["challenge"], codes[0]).status_code == 401


@pytest.mark.parametrize("challenge", ["not-a-challenge", "eyJ1IjoiMSJ9:1abcde:AAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_forged_challenge_is_refused(api: Api, challenge: str) -> None:
    assert _finish(api, challenge, "123456").json()["code"] == "CHALLENGE_INVALID"


def test_a_stolen_token_alone_sets_no_second_factor(api: Api, frida: Actor) -> None:
    answer = api(frida).post("/api/v1/auth/second-factor", {"password": "not hers"})
    assert (answer.status_code, answer.json()["code"]) == (401, "PASSWORD_WRONG")


def test_a_workspace_that_requires_it_lets_nobody_in_by_a_password_alone(api: Api, frida: Actor) -> None:
    rule = "/api/v1/auth/sign-in/second-factor"
    assert api(frida).put(rule, {"required": True}).json()["code"] == "OWN_FIRST"
    secret, _ = _set_up(api, frida)
    weak = api(frida)
    assert weak.put(rule, {"required": True}).status_code == 200
    assert weak.get("/api/v1/auth/me").json()["code"] == "SECOND_FACTOR_REQUIRED"
    strong = _finish(api, _login(api, frida).json()["challenge"], _code(secret, clock.now())).json()["token"]
    caller = api(None)
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {strong}")
    assert caller.get("/api/v1/auth/me").status_code == 200
    page = cast.page_client(frida).get(f"/t/{frida.tenant.slug if frida.tenant else ''}/")
    assert (page.status_code, page["Location"].split("?")[0]) == (302, "/login/second-factor")


def test_who_has_none_is_led_to_set_it_up_before_they_come_in(frida: Actor) -> None:
    slug = frida.tenant.slug if frida.tenant else ""
    Tenant.objects.filter(slug=slug).update(requires_second_factor=True)
    browser = cast.page_client(frida)
    door = browser.get(f"/t/{slug}/")["Location"]
    assert b"your password once more" in browser.get(door).content
    assert browser.post(door, {"password": cast.PASSWORD}).status_code == 303
    page = browser.get(door).content.decode()
    assert "data:image/svg+xml" in page
    secret = page.partition('class="hash">')[2].partition("<")[0]
    assert browser.post(door, {"code": "000000"}).status_code == 422
    done = browser.post(door, {"code": _code(secret, clock.now())})
    assert done.status_code == 200
    assert b"Recovery codes" in done.content
    assert browser.get(f"/t/{slug}/").status_code == 200


def test_a_page_login_asks_for_the_code_before_the_session_begins(api: Api, frida: Actor) -> None:
    _, codes = _set_up(api, frida)
    slug = frida.tenant.slug if frida.tenant else ""
    browser = Client()
    half = browser.post("/login", {"email": frida.email, "password": cast.PASSWORD, "next": f"/t/{slug}/"})
    assert half["Location"].startswith("/login/second-factor")
    assert browser.get(f"/t/{slug}/")["Location"].startswith("/login")
    assert browser.post("/login/second-factor", {"code": "000000", "next": f"/t/{slug}/"}).status_code == 422
    whole = browser.post("/login/second-factor", {"code": codes[0], "next": f"/t/{slug}/"})
    assert (whole.status_code, whole["Location"]) == (303, f"/t/{slug}/")
    assert browser.get(f"/t/{slug}/").status_code == 200


def test_django_itself_lets_nobody_in_who_has_a_second_factor(api: Api, frida: Actor) -> None:
    assert Client().login(email=frida.email, password=cast.PASSWORD)
    _set_up(api, frida)
    assert not Client().login(email=frida.email, password=cast.PASSWORD)


def test_an_admin_sends_a_link_and_the_person_removes_it_with_the_password(api: Api, frida: Actor) -> None:
    _set_up(api, frida)
    own = api(frida).get("/api/v1/auth/users").json()["items"][0]["id"]
    assert api(frida).post(f"/api/v1/auth/users/{own}/second-factor/reset").status_code == 202
    assert Letter.objects.filter(kind="factor_reset", address=frida.email).exists()
    path = urlsplit(links.factor_reset(User.objects.get(id=frida.id))).path
    assert Client().post(path, {"password": "not hers"}).status_code == 422
    assert Client().post(path, {"password": cast.PASSWORD}).status_code == 303
    assert not SecondFactor.objects.filter(user_id=frida.id).exists()
    assert _login(api, frida).status_code == 200
    assert Client().post(path, {"password": cast.PASSWORD}).status_code == 422
