"""One's own account: password, letters, personal tokens, sessions, the security log."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, override_settings
from rest_framework.test import APIClient

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.tenancy.models import Letter, Membership, PersonalToken, SecurityEvent, User, Wakeup
from apps.tenancy.services import letters, personal_tokens, security_log
from tests.support import cast

Api = Callable[[Actor | None], APIClient]
ONE_TENANT = True
NEW = "three boats' OR 1=1 -- <script>on a lake"  # any text may be a password; the firewall does not read it


@pytest.fixture(autouse=True)
def _no_attempts_before() -> None:
    for kind in ("login", "reset", "link"):
        for key in redis_client().scan_iter(f"atom:{kind}:*"):
            redis_client().delete(key)


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Iterator[Actor]:
    """Admin of a tenant of the test's own; her account goes with the test."""
    email = f"frida@{fresh_tenant.slug}.test"
    yield cast.actor(email, fresh_tenant)
    User.objects.filter(email=email).delete()


def _login(api: Api, who: Actor, password: str = cast.PASSWORD) -> Any:
    return api(None).post("/auth/login", {"username": who.email, "password": password})


def _bearer(api: Api, token: str) -> APIClient:
    caller = api(None)
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return caller


def _sent_link(tmp_path: Path, kind: str, address: str) -> str:
    """Deliver the waiting letter as the worker does, and read the link in it."""
    letter = Letter.objects.filter(kind=kind, address=address).latest("created_at")
    assert Wakeup.objects.filter(kind="tenancy.letter", ref=str(letter.id)).exists()
    backend = "django.core.mail.backends.filebased.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, EMAIL_FILE_PATH=str(tmp_path)):
        letters.deliver(str(letter.id))
    text = "".join(path.read_text() for path in tmp_path.iterdir())
    assert f"To: {address}" in text
    found = re.search(r"https?://\S+", text)
    assert found
    return urlsplit(found.group(0)).path


def test_a_forgotten_password_is_reset_by_a_letter_once_and_every_login_ends(
    api: Api, frida: Actor, tmp_path: Path
) -> None:
    token = _login(api, frida).json()["token"]
    browser = cast.page_client(frida)
    assert Client().post("/password/forgot", {"email": frida.email}).status_code == 200
    link = _sent_link(tmp_path, "reset", frida.email)
    assert Client().get(link).status_code == 200
    assert Client().post(link, {"password": "password1234"}).status_code == 422
    assert Client().post(link, {"password": NEW}).status_code == 303
    assert Client().post(link, {"password": NEW + "x"}).status_code == 410
    assert _bearer(api, token).get("/api/v1/auth/me").json()["code"] == "TOKEN_REVOKED"
    assert browser.get("/tenants").status_code == 302
    assert _login(api, frida).status_code == 401
    assert _login(api, frida, NEW).status_code == 200


def test_an_unknown_address_gets_the_same_answer_and_no_letter(api: Api, frida: Actor, tmp_path: Path) -> None:
    address = "/api/v1/auth/password/forgot"
    known = api(None).post(address, {"email": frida.email})
    unknown = api(None).post(address, {"email": "nobody@elsewhere.test"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, known.json())
    letter = Letter.objects.get(kind="reset", address="nobody@elsewhere.test")
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend", EMAIL_FILE_PATH=str(tmp_path)
    ):
        letters.deliver(str(letter.id))
    assert list(tmp_path.iterdir()) == []
    assert not Letter.objects.filter(id=letter.id).exists()


def test_resets_are_throttled_alike_for_known_and_unknown_addresses(api: Api, frida: Actor) -> None:
    for email in (frida.email, "nobody.either@elsewhere.test"):
        answers = [api(None).post("/api/v1/auth/password/forgot", {"email": email}).status_code for _ in range(6)]
        assert answers == [202] * 5 + [429]


def test_a_changed_password_keeps_this_browser_and_ends_the_rest(api: Api, frida: Actor) -> None:
    slug = frida.tenant.slug if frida.tenant else ""
    here, there = cast.page_client(frida), cast.page_client(frida)
    address = f"/t/{slug}/settings/security/"
    assert here.post(address, {"current": "not hers", "password": NEW}).status_code == 422
    assert here.post(address, {"current": cast.PASSWORD, "password": "short"}).status_code == 422
    assert here.post(address, {"current": cast.PASSWORD, "password": NEW}).status_code == 303
    assert here.get(f"/t/{slug}/").status_code == 200
    assert there.get(f"/t/{slug}/").status_code == 302


def test_a_personal_token_holds_what_both_it_and_its_owner_hold(api: Api, frida: Actor) -> None:
    made = api(frida).post("/api/v1/auth/tokens", {"name": "nightly", "scopes": ["catalog:read", "members:read"]})
    assert made.status_code == 201, made.json()
    text = made.json()["token"]
    assert "no-store" in made["Cache-Control"]
    assert personal_tokens.looks_like_one(text)
    assert not PersonalToken.objects.filter(token_hash=text).exists()
    me = _bearer(api, text).get("/api/v1/auth/me")
    assert me.status_code == 403
    users = _bearer(api, text).get("/api/v1/auth/users")
    assert users.status_code == 200
    assert text not in str(api(frida).get("/api/v1/auth/tokens").json())
    Membership.objects.filter(user_id=frida.id).update(role="viewer")
    assert _bearer(api, text).get("/api/v1/auth/users").status_code == 403


def test_a_token_cannot_hold_more_than_its_maker_nor_make_another(api: Api, carol: Actor, frida: Actor) -> None:
    wide = api(carol).post("/api/v1/auth/tokens", {"name": "wide", "scopes": ["members:manage"]})
    assert (wide.status_code, wide.json()["missing_scopes"]) == (403, ["members:manage"])
    odd = api(carol).post("/api/v1/auth/tokens", {"name": "odd", "scopes": ["all:things"]})
    assert odd.json()["code"] == "UNKNOWN_SCOPE"
    scopes = sorted(frida.scopes)
    text = api(frida).post("/api/v1/auth/tokens", {"name": "whole", "scopes": scopes}).json()["token"]
    for answer in (
        _bearer(api, text).post("/api/v1/auth/tokens", {"name": "child", "scopes": ["catalog:read"]}),
        _bearer(api, text).post("/api/v1/auth/password", {"current": cast.PASSWORD, "new": NEW}),
        _bearer(api, text).get("/api/v1/auth/sessions"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "PERSON_NEEDED")
    narrowed = _bearer(api, text).get("/api/v1/auth/users", HTTP_X_USER_ROLE="viewer")
    assert narrowed.status_code == 403


@pytest.mark.parametrize("how", ["revoked", "expired", "mistyped", "unknown", "switched off"])
def test_a_token_that_is_no_good_says_which(api: Api, frida: Actor, how: str) -> None:
    made = api(frida).post("/api/v1/auth/tokens", {"name": how, "scopes": ["datasource:viewer"]}).json()
    text, rows = made["token"], PersonalToken.objects.filter(id=made["id"])
    assert _bearer(api, text).get("/api/v1/auth/me").json()["by"] == "token"
    if how == "revoked":
        assert api(frida).delete(f"/api/v1/auth/tokens/{made['id']}").status_code == 204
    elif how == "expired":
        rows.update(expires_at=clock.now())
    elif how == "mistyped":
        text = text[:-1] + ("a" if text[-1] != "a" else "b")
    elif how == "unknown":
        rows.delete()
    else:
        Membership.objects.filter(user_id=frida.id).update(is_active=False)
    code = {"expired": "TOKEN_EXPIRED", "mistyped": "TOKEN_INVALID"}.get(how, "TOKEN_REVOKED")
    answer = _bearer(api, text).get("/api/v1/auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_the_use_of_a_token_is_noted_rarely_and_strangers_cannot_revoke_it(
    api: Api, frida: Actor, mallory: Actor
) -> None:
    made = api(frida).post("/api/v1/auth/tokens", {"name": "seen", "scopes": ["datasource:viewer"]}).json()
    _bearer(api, made["token"]).get("/api/v1/auth/me")
    first = PersonalToken.objects.get(id=made["id"]).last_used_at
    _bearer(api, made["token"]).get("/api/v1/auth/me")
    assert PersonalToken.objects.get(id=made["id"]).last_used_at == first
    assert first is not None
    assert api(mallory).delete(f"/api/v1/auth/tokens/{made['id']}").status_code == 404


def test_sessions_are_listed_and_ended_one_by_one(api: Api, frida: Actor) -> None:
    browser = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    browser.post("/login", {"email": frida.email, "password": cast.PASSWORD})
    program = api(None)
    program.credentials()
    login = program.post(
        "/auth/login", {"username": frida.email, "password": cast.PASSWORD}, HTTP_USER_AGENT="curl/8.5.0"
    ).json()
    slug = frida.tenant.slug if frida.tenant else ""
    page = browser.get(f"/t/{slug}/settings/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert "curl/8.5.0" in page
    assert "127.0.0.0/24" in page
    listed = _bearer(api, login["token"]).get("/api/v1/auth/sessions").json()["items"]
    mine = next(each for each in listed if each["device"] == "curl/8.5.0")
    assert browser.post(f"/t/{slug}/settings/sessions/{mine['id']}/end").status_code == 303
    assert _bearer(api, login["token"]).get("/api/v1/auth/me").json()["code"] == "TOKEN_REVOKED"
    assert api(None).post("/auth/refresh", {"refresh_token": login["refresh_token"]}).status_code == 401
    firefox = next(each for each in listed if each["kind"] == "page")
    assert api(frida).delete(f"/api/v1/auth/sessions/{firefox['id']}").status_code == 204
    assert browser.get(f"/t/{slug}/").status_code == 302


def test_nobody_ends_the_sessions_of_others(api: Api, alice: Actor, mallory: Actor) -> None:
    _login(api, alice)
    theirs = api(alice).get("/api/v1/auth/sessions").json()["items"][0]["id"]
    assert api(mallory).delete(f"/api/v1/auth/sessions/{theirs}").status_code == 404


def test_logging_out_everywhere_ends_browsers_and_programs_at_once(api: Api, frida: Actor) -> None:
    browser, login = cast.page_client(frida), _login(api, frida).json()
    assert _bearer(api, login["token"]).post("/api/v1/auth/logout-everywhere").status_code == 204
    assert _bearer(api, login["token"]).get("/api/v1/auth/me").json()["code"] == "TOKEN_REVOKED"
    assert api(None).post("/auth/refresh", {"refresh_token": login["refresh_token"]}).status_code == 401
    assert browser.get("/tenants").status_code == 302


def test_the_security_log_shows_a_person_their_own_and_an_admin_the_tenants(
    api: Api, frida: Actor, carol: Actor
) -> None:
    _login(api, frida, "wrong")
    _login(api, frida)
    own = api(frida).get("/api/v1/auth/security-log").json()["items"]
    assert {("login", "ok"), ("login", "refused")} <= {(row["kind"], row["outcome"]) for row in own}
    assert {row["person"] for row in own} == {frida.email}
    tenant = api(frida).get("/api/v1/auth/security-log?tenant=true").json()["items"]
    assert frida.email in {row["person"] for row in tenant}
    assert carol.email not in {row["person"] for row in tenant}
    assert api(carol).get("/api/v1/auth/security-log?tenant=true").status_code == 403
    assert "127.0.0.1" not in str(list(SecurityEvent.objects.values_list("region", "detail")))


def test_what_has_run_out_is_forgotten(frida: Actor) -> None:
    old = SecurityEvent.objects.create(user_id=frida.id, kind="login")
    SecurityEvent.objects.filter(id=old.id).update(created_at=clock.now() - timedelta(days=181))
    kept = SecurityEvent.objects.create(user_id=frida.id, kind="login")
    security_log.forget_old()
    assert list(SecurityEvent.objects.filter(id__in=[old.id, kept.id])) == [kept]


def test_what_happens_to_an_account_is_in_the_audit_trail(api: Api, frida: Actor) -> None:
    made = api(frida).post("/api/v1/auth/tokens", {"name": "audited", "scopes": ["catalog:read"]}).json()
    api(frida).delete(f"/api/v1/auth/tokens/{made['id']}")
    api(frida).post("/api/v1/auth/password", {"current": cast.PASSWORD, "new": NEW})
    with tenant_context.entered(frida.tenant):
        actions = set(Entry.objects.values_list("action", flat=True))
        assert made["token"] not in str(list(Entry.objects.values_list("summary", flat=True)))
    assert {"token.made", "token.revoked", "auth.password_changed"} <= actions
