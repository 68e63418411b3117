"""A workspace under a name of its own: claimed, proven by the DNS, served there and nowhere it should not be."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable
from apps.core.tenant import TenantRef
from apps.tenancy.models import Domain
from apps.tenancy.services import domains
from atom_project.config import config
from tests.support import cast
from tests.support.dns_server import DnsServer

NAME = "data.acme-data.example"


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    """The DNS as ATOM sees it."""
    with DnsServer() as server:
        monkeypatch.setattr(config, "dns_server", server.address)
        yield server


@pytest.fixture(autouse=True)
def _no_domains() -> Iterator[None]:
    yield
    Domain.objects.all().delete()


def _verified(actor: Actor, resolver: DnsServer, name: str = NAME) -> Domain:
    domain = domains.add(actor, name)
    resolver.records[f"{domains.record_name(domain)}."] = ["v=spf1 -all", domains.record_value(domain)]
    return domains.verify(actor, domain.id)


def test_it_is_served_once_the_record_is_found(
    api: Callable[..., Any], browser_client: Callable[[Actor], Client], alice: Actor, resolver: DnsServer
) -> None:
    program, browser = api(alice), browser_client(alice)
    claimed = program.post("/api/v1/tenants/domains", {"domain": NAME.upper()}).json()
    assert claimed["record"]["name"] == f"_atom-verification.{NAME}"
    assert browser.get("/", headers={"Host": NAME}).status_code == 400
    check = f"/api/v1/tenants/domains/{claimed['id']}/verify"
    missing = program.post(check)
    assert (missing.status_code, missing.json()["code"]) == (409, "DOMAIN_UNVERIFIED")
    resolver.records[f"{claimed['record']['name']}."] = ["v=other"]
    assert "v=other" not in program.post(check).json()["detail"]
    resolver.records[f"{claimed['record']['name']}."] = [claimed["record"]["value"]]
    assert program.post(check).status_code == 200
    home = browser.get("/", headers={"Host": NAME})
    assert home.status_code == 200
    assert b'data-prefix=""' in home.content
    assert b'data-tenant="acme"' in home.content
    assert b"/t/acme/" not in home.content.replace(b'"/t/acme/ws', b"")


def test_under_its_name_only_the_workspace_itself_exists(
    browser_client: Callable[[Actor], Client],
    api: Callable[..., Any],
    alice: Actor,
    mallory: Actor,
    resolver: DnsServer,
) -> None:
    _verified(alice, resolver)
    at = {"Host": NAME}
    own = browser_client(alice).get("/t/acme/data/?a=1", headers=at)
    assert (own.status_code, own.headers["Location"]) == (308, "/data/?a=1")
    assert browser_client(mallory).get("/t/globex/", headers=at).status_code == 404
    assert browser_client(mallory).get("/", headers=at).status_code == 404
    other = api(mallory).get("/api/v1/auth/me", headers=at)
    assert (other.status_code, other.json()["code"]) == (403, "TENANT_MISMATCH")
    assert api(alice).get("/api/v1/auth/me", headers=at).json()["tenant"]["slug"] == "acme"
    login = Client().get("/", headers=at)
    assert login.status_code == 302
    assert login.headers["Location"].startswith("/login")


def test_writes_of_pages_there_need_their_csrf_token(alice: Actor, resolver: DnsServer) -> None:
    from apps.tenancy.models import User  # noqa: PLC0415 - beside its only use

    _verified(alice, resolver)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(id=alice.id))
    refused = browser.patch(
        "/api/v1/tenants/current", {"name": "Stolen"}, content_type="application/json", headers={"Host": NAME}
    )
    assert refused.status_code == 403


def test_given_up_it_is_not_served_from_then_on(
    browser_client: Callable[[Actor], Client], alice: Actor, resolver: DnsServer
) -> None:
    domain = _verified(alice, resolver)
    browser = browser_client(alice)
    assert browser.get("/", headers={"Host": NAME}).status_code == 200
    domains.remove(alice, domain.id)
    assert browser.get("/", headers={"Host": NAME}).status_code == 400


def test_an_unknown_host_is_refused() -> None:
    assert Client().get("/health", headers={"Host": "evil.example"}).status_code == 400


def test_a_second_workspace_with_the_same_domain_is_refused(alice: Actor, mallory: Actor, resolver: DnsServer) -> None:
    _verified(alice, resolver)
    with pytest.raises(Conflict) as refusal:
        domains.add(mallory, NAME)
    assert refusal.value.code == "DOMAIN_TAKEN"


def test_a_claim_that_was_never_proven_ends(alice: Actor, mallory: Actor) -> None:
    claim = domains.add(alice, NAME)
    with pytest.raises(Conflict):
        domains.add(mallory, NAME)
    Domain.objects.filter(id=claim.id).update(expires_at=clock.now() - timedelta(seconds=1))
    assert domains.add(mallory, NAME).tenant_id == mallory.tenant.id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["*.example.com", "127.0.0.1", "[::1]", "localhost", "testserver", "x.testserver", "a b"]
)
def test_what_cannot_be_a_domain_of_theirs_is_refused(alice: Actor, text: str) -> None:
    with pytest.raises(InvalidInput):
        domains.add(alice, text)


def test_another_workspaces_domain_is_not_found(alice: Actor, mallory: Actor, bob: Actor) -> None:
    claim = domains.add(alice, NAME)
    for do in (domains.verify, domains.remove):
        with pytest.raises(NotFound):
            do(mallory, claim.id)
        with pytest.raises(Forbidden):
            do(bob, claim.id)


def test_a_silent_dns_is_said_and_changes_nothing(alice: Actor, resolver: DnsServer) -> None:
    claim = domains.add(alice, NAME)
    resolver.broken = True
    with pytest.raises(Unavailable):
        domains.verify(alice, claim.id)
    assert not Domain.objects.get(id=claim.id).is_verified


def test_a_suspended_workspace_says_so_under_its_name_too(
    browser_client: Callable[[Actor], Client], resolver: DnsServer, fresh_tenant: TenantRef
) -> None:
    from apps.tenancy.services import lifecycle  # noqa: PLC0415 - beside its only use

    frida = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    _verified(frida, resolver, "frida.example.net")
    lifecycle.suspend(fresh_tenant.id, actor=Actor.system(None), reason="paused")
    shown = browser_client(frida).get("/", headers={"Host": "frida.example.net"})
    assert shown.status_code == 403
    assert b"paused" in shown.content
    lifecycle.resume(fresh_tenant.id, actor=Actor.system(None))


def test_the_page_claims_checks_and_gives_up(
    browser_client: Callable[[Actor], Client], alice: Actor, resolver: DnsServer
) -> None:
    browser, at = browser_client(alice), "/t/acme/settings/domains/"
    assert b"Add a domain" in browser.get(at).content
    assert b"wildcard" in browser.post(at, {"domain": "*.example.com"}).content
    assert browser.post(at, {"domain": "münchen.example"}).status_code == 303
    domain = Domain.objects.get(domain="xn--mnchen-3ya.example")
    assert "münchen.example" in browser.get(at).content.decode()
    assert browser.post(f"{at}{domain.id}/check").status_code == 303
    assert b"no TXT record" in browser.get(at).content
    resolver.records[f"{domains.record_name(domain)}."] = [domains.record_value(domain)]
    assert browser.post(f"{at}{domain.id}/check").status_code == 303
    assert Domain.objects.get(id=domain.id).is_verified
    assert browser.post(f"{at}{domain.id}/give-up").status_code == 303
    assert not Domain.objects.filter(id=domain.id).exists()
