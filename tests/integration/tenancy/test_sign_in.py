"""Sign-in by a tenant's own OpenID Connect provider, against one over real HTTP: the way in, and every way to cheat."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.core.actor import Actor
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.policies.models import Secret
from apps.tenancy.connectors import oidc
from apps.tenancy.models import ExternalIdentity, Invitation, Membership, User
from apps.tenancy.services import links
from tests.support import cast, oidc_provider
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider

Api = Callable[[Actor | None], APIClient]
ONE_TENANT = True
DOMAIN = "staff.test"


@pytest.fixture(autouse=True)
def _no_attempts_before() -> Iterator[None]:
    for kind in ("login", "invite", "link"):
        for key in redis_client().scan_iter(f"atom:{kind}:*"):
            redis_client().delete(key)
    yield
    User.objects.filter(email__endswith=f"@{DOMAIN}").delete()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider of the test's own."""
    with oidc_provider.running() as running:
        yield running


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """Admin of a tenant of the test's own."""
    return cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)


def _configure(api: Api, frida: Actor, provider: Provider, **changes: Any) -> Any:
    wish = {
        "name": "Staff login", "issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "allowed_domains": [DOMAIN], "auto_join_role": "viewer", "is_enabled": True,
    }  # fmt: skip
    return api(frida).put("/api/v1/auth/sign-in", {**wish, **changes})


def _go(browser: Client, slug: str) -> str:
    """From our door to the provider and its answer: the address the browser is sent back to."""
    away = browser.get(f"/login/sso/{slug}")
    assert away.status_code == 302, away.content.decode()[-600:]
    query = parse_qs(urlsplit(away["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    back = urlsplit(httpx.get(away["Location"]).headers["Location"])
    return f"{back.path}?{back.query}"


def _confirm(email: str, browser: Client | None = None) -> Any:
    row = Invitation.objects.get(email=email, accepted_at=None)
    return (browser or Client()).post(f"/invitations/{links.invitation_token(row)}", {"name": "Sam"})


@pytest.fixture
def slug(fresh_tenant: TenantRef) -> str:
    """Slug of that tenant."""
    return fresh_tenant.slug


def test_the_first_sign_in_is_confirmed_by_mail_and_the_next_ones_lead_straight_in(
    api: Api, frida: Actor, provider: Provider, slug: str
) -> None:
    assert _configure(api, frida, provider).status_code == 200
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    browser = Client()
    first = browser.get(_go(browser, slug))
    assert b"a letter is on its way" in first.content
    assert browser.get(f"/t/{slug}/").status_code == 302
    assert _confirm(f"sam@{DOMAIN}").status_code == 303
    second = browser.get(_go(browser, slug))
    assert (second.status_code, second["Location"]) == (302, f"/t/{slug}/")
    assert browser.get(f"/t/{slug}/").status_code == 200
    member = Membership.objects.get(user__email=f"sam@{DOMAIN}")
    assert (member.role, member.user.has_usable_password()) == ("viewer", False)


def test_the_client_secret_is_in_the_tenants_vault_and_in_no_answer(
    api: Api, frida: Actor, provider: Provider, in_tenant: Any
) -> None:
    answer = _configure(api, frida, provider)
    assert CLIENT_SECRET not in answer.content.decode()
    with in_tenant(frida.tenant):
        sealed = bytes(Secret.objects.get(name="sign-in:client-secret").sealed)
    assert CLIENT_SECRET.encode() not in sealed


@pytest.mark.parametrize("fault", ["nonce", "issuer", "audience", "expired", "signature", "none", "confused"])
def test_a_proof_that_does_not_hold_lets_nobody_in(
    api: Api, frida: Actor, provider: Provider, slug: str, fault: str
) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    provider.fault = fault
    browser = Client()
    answer = browser.get(_go(browser, slug))
    assert answer.status_code == 401
    assert not Invitation.objects.filter(email=f"sam@{DOMAIN}").exists()


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(
    api: Api, frida: Actor, provider: Provider, slug: str
) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    browser = Client()
    back = _go(browser, slug)
    assert Client().get(back).status_code == 401
    assert browser.get(back).status_code == 200
    assert browser.get(back).status_code == 401


def test_a_code_that_was_used_elsewhere_is_refused(api: Api, frida: Actor, provider: Provider, slug: str) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    browser = Client()
    back = _go(browser, slug)
    provider.codes.clear()
    assert browser.get(back).status_code == 401


def test_an_answer_of_another_issuer_is_refused(api: Api, frida: Actor, provider: Provider, slug: str) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    browser = Client()
    back = _go(browser, slug).partition("&iss=")[0] + "&iss=https%3A%2F%2Fother.example"
    assert browser.get(back).status_code == 401


@pytest.mark.parametrize(
    ("email", "claims"),
    [(f"sam@{DOMAIN}", {"email_verified": False}), (f"sam@{DOMAIN}", {"email_verified": "true"}),
     ("sam@elsewhere.example", {}), (f"sam@{DOMAIN}.elsewhere.example", {})],
)  # fmt: skip
def test_addresses_that_are_unverified_or_foreign_stay_outside(
    api: Api, frida: Actor, provider: Provider, slug: str, email: str, claims: dict[str, Any]
) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", email, **claims)
    browser = Client()
    assert browser.get(_go(browser, slug)).status_code == 401


def test_a_provider_that_is_out_is_one_clear_sentence(api: Api, frida: Actor, provider: Provider, slug: str) -> None:
    _configure(api, frida, provider)
    oidc._metadata.clear()
    provider.fault = "out"
    answer = Client().get(f"/login/sso/{slug}")
    assert answer.status_code == 502
    assert b"does not answer" in answer.content


def test_keys_that_rotate_are_read_again_and_kept_ones_are_not(
    api: Api, frida: Actor, provider: Provider, slug: str
) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    for _ in range(2):
        browser = Client()
        assert browser.get(_go(browser, slug)).status_code == 200
    assert provider.key_reads == 1
    provider.rotate()
    browser = Client()
    assert browser.get(_go(browser, slug)).status_code == 200
    assert provider.key_reads == 2


def test_a_provider_cannot_take_over_an_account_by_naming_its_address(
    api: Api, frida: Actor, provider: Provider, slug: str, fresh_tenant: TenantRef
) -> None:
    """The tenant's admin owns the provider and names a person of another tenant."""
    _configure(api, frida, provider, allowed_domains=["globex.test"])
    provider.log_in("evil", "mallory@globex.test")
    browser = Client()
    assert b"a letter is on its way" in browser.get(_go(browser, slug)).content
    assert browser.get("/tenants").status_code == 302
    stranger = _confirm("mallory@globex.test")
    assert stranger["Location"].startswith("/login")
    assert not ExternalIdentity.objects.filter(user__email="mallory@globex.test").exists()
    assert not Membership.objects.filter(user__email="mallory@globex.test", tenant_id=fresh_tenant.id).exists()
    Invitation.objects.filter(email="mallory@globex.test").delete()


def test_a_session_of_a_tenants_provider_opens_nothing_else(
    api: Api, frida: Actor, provider: Provider, slug: str, acme: TenantRef
) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    browser = Client()
    browser.get(_go(browser, slug))
    _confirm(f"sam@{DOMAIN}")
    sam = User.objects.get(email=f"sam@{DOMAIN}")
    Membership.objects.create(user=sam, tenant_id=acme.id, role="admin")
    browser.get(_go(browser, slug))
    assert browser.get(f"/t/{slug}/").status_code == 200
    assert browser.get("/t/acme/").status_code == 404
    assert browser.get("/t/acme/api/v1/auth/me").status_code == 404
    assert browser.get(f"/t/{slug}/api/v1/auth/sessions").json()["code"] == "PASSWORD_LOGIN_NEEDED"
    assert b"came by your workspace" in browser.get(f"/t/{slug}/settings/security/").content


def test_without_auto_join_only_members_and_invited_people_come_in(
    api: Api, frida: Actor, provider: Provider, slug: str
) -> None:
    _configure(api, frida, provider, auto_join_role="")
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    browser = Client()
    assert browser.get(_go(browser, slug)).status_code == 401
    api(frida).post("/api/v1/auth/users", {"username": f"sam@{DOMAIN}", "role": "member"})
    assert browser.get(_go(browser, slug)).status_code == 200
    assert _confirm(f"sam@{DOMAIN}").status_code == 303
    assert Membership.objects.get(user__email=f"sam@{DOMAIN}").role == "member"


def test_a_member_who_was_switched_off_stays_outside(api: Api, frida: Actor, provider: Provider, slug: str) -> None:
    _configure(api, frida, provider)
    provider.log_in("sam-1", f"sam@{DOMAIN}")
    browser = Client()
    browser.get(_go(browser, slug))
    _confirm(f"sam@{DOMAIN}")
    Membership.objects.filter(user__email=f"sam@{DOMAIN}").update(is_active=False)
    assert browser.get(_go(browser, slug)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issuer": "ftp://login.example.com"}, "ISSUER_INVALID"),
        ({"issuer": "http://login.example.com"}, "ISSUER_INVALID"),
        ({"issuer": "https://user:pass@login.example.com"}, "ISSUER_INVALID"),
        ({"issuer": "https://10.0.0.1/"}, "PROVIDER_OUT"),
        ({"issuer": "https://169.254.169.254"}, "WAF_REFUSED"),
        ({"allowed_domains": ["not a domain"]}, "DOMAINS_INVALID"),
        ({"auto_join_role": "admin"}, "ROLE_INVALID"),
        ({"client_secret": ""}, "SECRET_MISSING"),
    ],
)
def test_settings_that_cannot_work_are_one_clear_problem(
    api: Api, frida: Actor, provider: Provider, changes: dict[str, Any], code: str
) -> None:
    assert _configure(api, frida, provider, **changes).json()["code"] == code


def test_a_provider_that_describes_another_issuer_is_refused(api: Api, frida: Actor, provider: Provider) -> None:
    provider.fault = "discovery"
    assert _configure(api, frida, provider).json()["code"] == "ISSUER_MISMATCH"


def test_workspaces_without_a_provider_and_unknown_ones_answer_alike(slug: str) -> None:
    own, unknown = Client().get(f"/login/sso/{slug}"), Client().get("/login/sso/no-such-workspace")
    assert own.status_code == unknown.status_code == 404
