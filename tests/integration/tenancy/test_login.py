"""Login, refresh, logout and what a token is worth: one clear problem for each wrong one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.db import connection
from rest_framework.test import APIClient

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.tenancy.models import ApiLogin, Membership, User
from apps.tenancy.services import tokens
from atom_project.config import config
from tests.integration.audit.tampering import without_audit
from tests.support import cast

Api = Callable[[Actor | None], APIClient]


@pytest.fixture(autouse=True)
def _no_failed_logins_before() -> None:
    for key in redis_client().scan_iter("atom:login:*"):
        redis_client().delete(key)


def _login(api: Api, email: str = "alice@acme.test", password: str = cast.PASSWORD, **extra: str) -> Any:
    return api(None).post("/auth/login", {"username": email, "password": password, **extra})


def _forged(**changes: Any) -> str:
    payload = {
        "iss": "atom",
        "sub": "0",
        "tid": "0",
        "mid": "0",
        "ep": 0,
        "iat": clock.now(),
        "exp": clock.now() + timedelta(hours=1),
    }
    return jwt.encode({**payload, **changes}, "another secret of at least 32 bytes.", algorithm="HS256")


def _me(api: Api, token: str, **headers: str) -> Any:
    client = api(None)
    return client.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}", **headers)


def test_login_answers_tokens_tenant_role_and_scopes(api: Api) -> None:
    answer = _login(api)
    body = answer.json()
    assert answer.status_code == 200, body
    assert body["tenant"]["slug"] == "acme"
    assert body["role"] == "admin"
    assert "audit:read" in body["scopes"]
    assert "pii:read" not in body["scopes"]
    assert body["env"] == "SIM"
    assert _me(api, body["token"]).json()["email"] == "alice@acme.test"


def test_a_login_that_cannot_be_recorded_does_not_happen(api: Api, fresh_tenant: TenantRef) -> None:
    email = f"frida@{fresh_tenant.slug}.test"
    of_frida = ApiLogin.objects.filter(membership__user__email=email)
    with without_audit(fresh_tenant):
        assert _login(api, email).status_code == 500
    assert not of_frida.exists()
    assert _login(api, email).status_code == 200
    assert of_frida.count() == 1


def test_a_login_leaves_one_entry_of_its_own(api: Api, fresh_tenant: TenantRef) -> None:
    _login(api, f"frida@{fresh_tenant.slug}.test")
    with tenant_context.entered(fresh_tenant):
        actions = list(Entry.objects.order_by("seq").values_list("action", flat=True))
    assert actions.count("auth.login") == 1
    assert not [action for action in actions if action.startswith("request.")]


@pytest.mark.parametrize(
    ("email", "password"), [("alice@acme.test", "wrong"), ("nobody@acme.test", cast.PASSWORD), ("x", "y")]
)
def test_wrong_credentials_are_one_answer(api: Api, email: str, password: str) -> None:
    answer = _login(api, email, password)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "LOGIN_FAILED"
    assert answer.json()["detail"] == "E-mail or password is wrong."


def test_repeated_failures_are_throttled_with_retry_after(api: Api) -> None:
    for _ in range(10):
        _login(api, "bob@acme.test", "wrong")
    answer = _login(api, "bob@acme.test")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def _refresh(api: Api, token: str) -> Any:
    return api(None).post("/auth/refresh", {"refresh_token": token})


def test_a_refresh_token_works_once_and_its_reuse_revokes_the_login(api: Api) -> None:
    first = _login(api).json()
    second = _refresh(api, first["refresh_token"]).json()
    with clock.frozen(clock.now() + timedelta(seconds=11)):
        reused = _refresh(api, first["refresh_token"])
    assert reused.json()["code"] == "REFRESH_REUSED"
    assert _refresh(api, second["refresh_token"]).status_code == 401
    assert _me(api, second["token"]).json()["code"] == "TOKEN_REVOKED"


def test_an_answer_that_was_lost_is_given_again_but_not_after_its_token_was_used(api: Api) -> None:
    first = _login(api).json()["refresh_token"]
    second = _refresh(api, first).json()["refresh_token"]
    assert _refresh(api, first).json()["refresh_token"] == second
    _refresh(api, second)
    assert _refresh(api, first).json()["code"] == "REFRESH_REUSED"


def test_two_refreshes_at_once_get_the_same_successor(api: Api) -> None:
    first = _login(api).json()["refresh_token"]

    def ask() -> str:
        try:
            return str(_refresh(api, first).json()["refresh_token"])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = {future.result() for future in [pool.submit(ask) for _ in range(4)]}
    assert len(answers) == 1
    assert _refresh(api, answers.pop()).status_code == 200


def test_logout_ends_the_login(api: Api) -> None:
    token = _login(api).json()["refresh_token"]
    assert api(None).post("/auth/logout", {"refresh_token": token}).status_code == 204
    assert api(None).post("/auth/refresh", {"refresh_token": token}).status_code == 401


def test_an_expired_token_says_so(api: Api, alice: Actor) -> None:
    with clock.frozen(clock.now() - timedelta(hours=2)):
        token = cast.token_for(alice)
    answer = _me(api, token)
    assert answer.status_code == 401
    assert answer.json()["code"] == "TOKEN_EXPIRED"


def test_alg_none_is_refused(api: Api, alice: Actor) -> None:
    payload = jwt.decode(cast.token_for(alice), options={"verify_signature": False})
    answer = _me(api, jwt.encode(payload, None, algorithm="none"))
    assert answer.json()["code"] == "TOKEN_INVALID"


def test_a_token_signed_elsewhere_is_refused(api: Api) -> None:
    assert _me(api, _forged()).json()["code"] == "TOKEN_INVALID"


def test_raising_the_epoch_revokes_at_once(api: Api, carol: Actor) -> None:
    token = cast.token_for(carol)
    assert _me(api, token).status_code == 200
    User.objects.filter(id=carol.id).update(epoch=1)
    try:
        assert _me(api, token).json()["code"] == "TOKEN_REVOKED"
    finally:
        User.objects.filter(id=carol.id).update(epoch=0)


def test_a_token_for_a_tenant_one_has_left_is_refused(api: Api, fresh_tenant: TenantRef) -> None:
    membership = Membership.objects.select_related("user").get(tenant_id=fresh_tenant.id)
    token = tokens.issue(membership).token
    assert _me(api, token).status_code == 200
    membership.is_active = False
    membership.save()
    assert _me(api, token).status_code == 401


def test_a_header_naming_another_tenant_is_forbidden(api: Api, alice: Actor) -> None:
    answer = _me(api, cast.token_for(alice), HTTP_X_TENANT_ID="globex")
    assert answer.status_code == 403
    assert answer.json()["code"] == "TENANT_MISMATCH"


def test_a_role_header_narrows_and_never_widens(api: Api, alice: Actor, carol: Actor) -> None:
    assert _me(api, cast.token_for(alice), HTTP_X_USER_ROLE="viewer").json()["role"] == "viewer"
    assert _me(api, cast.token_for(carol), HTTP_X_USER_ROLE="admin").json()["role"] == "viewer"


def test_api_without_a_token_is_401_and_a_session_does_not_help(api: Api, alice: Actor, browser_client: Any) -> None:
    assert api(None).get("/api/v1/auth/me").status_code == 401
    assert browser_client(alice).get("/api/v1/auth/me").status_code == 401


def test_a_session_works_below_the_tenants_path_and_nowhere_else(
    browser_client: Any, alice: Actor, mallory: Actor
) -> None:
    assert browser_client(alice).get("/t/acme/api/v1/auth/me").status_code == 200
    assert browser_client(mallory).get("/t/acme/api/v1/auth/me").status_code == 404
    assert browser_client(alice).get("/t/no-such/api/v1/auth/me").status_code == 404


def test_a_write_by_session_needs_the_csrf_token(alice: Actor) -> None:
    from django.test import Client  # noqa: PLC0415 - the one client with CSRF checks on

    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(id=alice.id))
    answer = client.post("/t/acme/api/v1/auth/logout", "{}", content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_failed_logins_are_in_the_platforms_audit_chain(api: Api) -> None:
    from apps.audit.models import Entry  # noqa: PLC0415 - read in `public`

    _login(api, "alice@acme.test", "wrong")
    with tenant_context.entered(None):
        entry = Entry.objects.filter(action="auth.login").order_by("-seq").first()
    assert entry is not None
    assert entry.outcome == "refused"
    assert "alice" not in str(entry.summary)


def test_the_secret_key_is_in_no_token(alice: Actor) -> None:
    assert config.jwt_secret.get_secret_value() not in cast.token_for(alice)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [("{broken", "application/json", 400), ("a=b", "text/plain", 415), ('{"username": 1}', "application/json", 400)],
)
def test_bad_bodies_are_one_clear_problem(api: Api, body: str, content_type: str, status: int) -> None:
    answer = api(None).generic("POST", "/auth/login", body, content_type=content_type)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"]


def test_a_body_over_two_megabytes_is_413(api: Api) -> None:
    answer = api(None).generic("POST", "/auth/login", "x" * 2_200_000, content_type="application/json")
    assert answer.status_code == 413
