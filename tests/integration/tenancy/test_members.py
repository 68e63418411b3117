"""Members and invitations over the API: who may, whom it shows, and what nobody learns of other tenants."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.permissions import Role
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.tenancy.models import Invitation, Letter, Membership, PersonalToken, User
from apps.tenancy.services import invitations, links, members
from tests.integration.audit.tampering import without_audit
from tests.support import cast

Api = Callable[[Actor | None], APIClient]
ONE_TENANT = True
STRONG = "a lamp beside seven quiet rivers"


@pytest.fixture(autouse=True)
def _no_attempts_before() -> None:
    for kind in ("login", "invite", "link"):
        for key in redis_client().scan_iter(f"atom:{kind}:*"):
            redis_client().delete(key)


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """Admin of a tenant of the test's own."""
    return cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)


def _post(api: Api, who: Actor, **body: str) -> Any:
    return api(who).post("/api/v1/auth/users", body)


def test_login_create_and_list_a_user(api: Api, frida: Actor, fresh_tenant: TenantRef) -> None:
    email = f"gil@{fresh_tenant.slug}.test"
    made = _post(api, frida, username=email, password=STRONG, role="member")
    assert made.status_code == 201, made.json()
    listed = api(frida).get("/api/users").json()["items"]
    assert email in [row["email"] for row in listed]
    login = api(None).post("/auth/login", {"username": email, "password": STRONG})
    assert (login.status_code, login.json()["role"]) == (200, "member")


def test_what_cannot_be_recorded_does_not_happen_to_anybody(api: Api, frida: Actor, fresh_tenant: TenantRef) -> None:
    """The change and its entry are one commit: neither is ever there without the other."""
    address, client = f"gil@{fresh_tenant.slug}.test", api(frida)
    gil = members.ensure_member(fresh_tenant, email=address, name="Gil", role=Role.MEMBER, password=STRONG)
    letters = Letter.objects.count()
    with without_audit(fresh_tenant):
        for answer in (
            _post(api, frida, username=f"new@{fresh_tenant.slug}.test", password=STRONG, role="member"),
            _post(api, frida, username="Ivo", email=f"ivo@{fresh_tenant.slug}.test", role="viewer"),
            client.patch(f"/api/v1/auth/users/{gil.id}", {"role": "viewer"}),
            client.delete(f"/api/v1/auth/users/{gil.id}"),
            client.post("/api/v1/auth/tokens", {"name": "t", "scopes": ["catalog:read"], "days": 1}),
        ):
            assert answer.status_code == 500, answer.content
    gil.refresh_from_db()
    assert (gil.role, gil.is_active) == ("member", True)
    assert Membership.objects.filter(tenant_id=fresh_tenant.id).count() == 2
    assert not Invitation.objects.filter(tenant_id=fresh_tenant.id).exists()
    assert not PersonalToken.objects.filter(membership__tenant_id=fresh_tenant.id).exists()
    assert Letter.objects.count() == letters
    assert client.patch(f"/api/v1/auth/users/{gil.id}", {"role": "viewer"}).status_code == 200
    with tenant_context.entered(fresh_tenant):
        entry = Entry.objects.get(action="member.changed")
        assert entry.summary["before"]["role"] == "member"


def test_without_a_password_an_invitation_goes_out_and_is_accepted_once(api: Api, frida: Actor) -> None:
    answer = _post(api, frida, username="Hana", email="hana@elsewhere.test", role="viewer")
    assert (answer.status_code, answer.json()["status"]) == (201, "invited")
    assert [row["email"] for row in api(frida).get("/api/v1/auth/users").json()["invitations"]]
    row = Invitation.objects.get(email="hana@elsewhere.test")
    body = {"token": links.invitation_token(row), "name": "Hana", "password": STRONG}
    assert api(None).post("/api/v1/auth/invitations/accept", body).status_code == 201
    again = api(None).post("/api/v1/auth/invitations/accept", body)
    assert again.json()["code"] == "LINK_INVALID"
    assert api(None).post("/auth/login", {"username": row.email, "password": STRONG}).status_code == 200
    User.objects.filter(email=row.email).delete()


@pytest.mark.parametrize("how", ["resent", "withdrawn", "expired", "forged"])
def test_a_link_is_void_once_something_else_holds(api: Api, frida: Actor, how: str) -> None:
    with tenant_context.entered(frida.tenant):
        row = members.invite(frida, email=f"{how}@elsewhere.test", name="", role=Role.VIEWER)
        token = links.invitation_token(row)
        if how == "resent":
            invitations.resend(frida, row.id)
        elif how == "withdrawn":
            invitations.withdraw(frida, row.id)
    if how == "expired":
        Invitation.objects.filter(id=row.id).update(expires_at=clock.now())
    body = {"token": token + ("x" if how == "forged" else ""), "password": STRONG}
    answer = api(None).post("/api/v1/auth/invitations/accept", body)
    assert answer.json()["code"] == "LINK_INVALID"


def test_a_person_of_another_tenant_is_added_without_being_shown_or_changed(api: Api, frida: Actor) -> None:
    before = User.objects.get(email="mallory@globex.test")
    answer = _post(api, frida, username="mallory@globex.test", password=STRONG, role="viewer")
    fresh = _post(api, frida, username="nobody.yet@elsewhere.test", password=STRONG, role="viewer")
    assert answer.status_code == fresh.status_code == 201
    assert answer.json().keys() == fresh.json().keys()
    differing = {key for key in answer.json() if answer.json()[key] != fresh.json()[key]}
    assert differing == {"id", "username", "email", "joined_at"}
    after = User.objects.get(email="mallory@globex.test")
    assert (after.password, after.name, after.epoch) == (before.password, before.name, before.epoch)
    assert "Mallory" not in str(api(frida).get("/api/v1/auth/users").json())
    Membership.objects.filter(user=after, tenant_id=frida.tenant_id).delete()
    User.objects.filter(email="nobody.yet@elsewhere.test").delete()


def test_an_address_nobody_proved_opens_nothing_for_who_made_its_password(
    api: Api, frida: Actor, mallory: Actor
) -> None:
    """Mallory makes an account for an address that is not hers and waits for another tenant to trust it."""
    email = "future.colleague@elsewhere.test"
    assert _post(api, mallory, username=email, password=STRONG, role="viewer").status_code == 201
    assert _post(api, frida, username=email, password="another fine lamp entirely", role="admin").status_code == 201
    slug = frida.tenant.slug if frida.tenant else ""
    login = api(None).post("/auth/login", {"username": email, "password": STRONG, "tenant": slug})
    assert login.json()["code"] == "LOGIN_FAILED"
    letter = Letter.objects.get(address=email, kind="invitation")
    token = links.invitation_token(Invitation.objects.get(id=letter.subject_id))
    own = "only its reader knows this one"
    body = {"token": token, "password": own}
    assert api(None).post("/api/v1/auth/invitations/accept", body).status_code == 201
    stale = api(None).post("/auth/login", {"username": email, "password": STRONG, "tenant": slug})
    assert stale.status_code == 401
    good = api(None).post("/auth/login", {"username": email, "password": own, "tenant": slug})
    assert (good.status_code, good.json()["role"]) == (200, "admin")
    User.objects.filter(email=email).delete()


def test_the_last_admin_stays_and_a_second_one_lets_the_first_go(api: Api, frida: Actor) -> None:
    own = Membership.objects.get(user_id=frida.id, tenant_id=frida.tenant_id)
    address = f"/api/v1/auth/users/{own.id}"
    for answer in (
        api(frida).patch(address, {"role": "viewer"}),
        api(frida).patch(address, {"is_active": False}),
        api(frida).delete(address),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "LAST_ADMIN")
    _post(api, frida, username="second@elsewhere.test", password=STRONG, role="admin")
    assert api(frida).patch(address, {"role": "viewer"}).json()["role"] == "viewer"
    User.objects.filter(email="second@elsewhere.test").delete()


def test_a_deactivated_or_removed_members_token_is_refused_at_once(api: Api, frida: Actor, alice: Actor) -> None:
    made = _post(api, frida, username="gone@elsewhere.test", password=STRONG, role="member").json()
    token = api(None).post("/auth/login", {"username": "gone@elsewhere.test", "password": STRONG}).json()["token"]
    theirs = api(None)
    theirs.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert theirs.get("/api/v1/auth/me").status_code == 200
    api(frida).patch(f"/api/v1/auth/users/{made['id']}", {"is_active": False})
    assert theirs.get("/api/v1/auth/me").json()["code"] == "TOKEN_REVOKED"
    assert api(frida).delete(f"/api/v1/auth/users/{made['id']}").status_code == 204
    assert theirs.get("/api/v1/auth/me").json()["code"] == "TOKEN_REVOKED"
    assert not User.objects.filter(email="gone@elsewhere.test").exists()


def test_another_tenants_member_is_not_found(api: Api, alice: Actor, mallory: Actor) -> None:
    theirs = Membership.objects.get(user_id=alice.id, tenant_id=alice.tenant_id)
    for answer in (
        api(mallory).get(f"/api/v1/auth/users/{theirs.id}"),
        api(mallory).patch(f"/api/v1/auth/users/{theirs.id}", {"role": "viewer"}),
        api(mallory).delete(f"/api/v1/auth/users/{theirs.id}"),
    ):
        assert answer.status_code == 404


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_a_member_may_look_and_not_manage(api: Api, bob: Actor, carol: Actor, method: str) -> None:
    theirs = Membership.objects.get(user_id=carol.id, tenant_id=carol.tenant_id)
    address = "/api/v1/auth/users" if method == "post" else f"/api/v1/auth/users/{theirs.id}"
    assert getattr(api(bob), method)(address, {}).status_code == 403
    assert api(bob).get(f"/api/v1/auth/users/{theirs.id}").status_code == 200
    assert api(carol).get("/api/v1/auth/users").status_code == 403


def test_nobody_grants_themselves_the_sight_of_personal_data(api: Api, frida: Actor) -> None:
    own = Membership.objects.get(user_id=frida.id, tenant_id=frida.tenant_id)
    answer = api(frida).patch(f"/api/v1/auth/users/{own.id}", {"granted_scopes": ["pii:read"]})
    assert answer.json()["code"] == "SELF_GRANT"


@pytest.mark.parametrize(
    ("email", "status", "code"),
    [
        ("no-address", 400, "EMAIL_INVALID"),
        ("nul\u0000@elsewhere.test", 403, "WAF_REFUSED"),
        ("two@at@elsewhere.test", 400, "EMAIL_INVALID"),
        ("ünïcode@elsewhere.test", 400, "EMAIL_INVALID"),
        (f"{'a' * 300}@elsewhere.test", 400, "INVALID_INPUT"),
    ],
)
def test_an_address_that_is_none_is_one_clear_problem(
    api: Api, alice: Actor, email: str, status: int, code: str
) -> None:
    answer = _post(api, alice, username=email, password=STRONG, role="viewer")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_long_and_international_addresses_work(api: Api, frida: Actor) -> None:
    for email in (f"{'a' * 185}@elsewhere.test", "jo@bücher.example"):
        assert _post(api, frida, username=email, password=STRONG, role="viewer").status_code == 201, email
        assert api(None).post("/auth/login", {"username": email.upper(), "password": STRONG}).status_code == 200
        User.objects.filter(email=email).delete()


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012", "weak@elsewhere.test"])
def test_a_weak_password_says_which_rule_it_breaks(api: Api, alice: Actor, password: str) -> None:
    answer = _post(api, alice, username="weak@elsewhere.test", password=password, role="viewer")
    assert (answer.status_code, answer.json()["code"]) == (400, "PASSWORD_TOO_WEAK")
    assert answer.json()["errors"][0]["field"] == "password"
