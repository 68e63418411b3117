"""Suspend, resume and rename: at once, on record on both sides, and nothing of the data touched."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from apps.core.permissions import Role
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.realtime.connectors import streams
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Tenant, User
from apps.tenancy.services import lifecycle, provisioning
from apps.tenancy.services import wakeups as due
from celery_app import wakeups
from tests.support import cast

OPERATOR = Actor(None, None, "operator@atom.test", "Operator", Role.ADMIN, frozenset(), ActorKind.OPERATOR)


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """Admin of a tenant of her own."""
    return cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)


def test_a_suspended_workspace_refuses_tokens_and_sessions_and_says_why(
    api: Callable[..., Any], browser_client: Callable[[Actor], Client], frida: Actor, fresh_tenant: TenantRef
) -> None:
    program, browser, page = api(frida), browser_client(frida), f"/t/{fresh_tenant.slug}/"
    assert program.get("/api/v1/auth/me").status_code == browser.get(page).status_code == 200
    lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="The invoice of May is open.")
    refused = program.get("/api/v1/auth/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "TENANT_SUSPENDED")
    assert "invoice of May" in refused.json()["detail"]
    shown = browser.get(page)
    assert shown.status_code == 403
    assert b"invoice of May" in shown.content
    lifecycle.resume(fresh_tenant.id, actor=OPERATOR)
    assert program.get("/api/v1/auth/me").status_code == browser.get(page).status_code == 200


def test_a_stranger_cannot_tell_a_suspended_workspace_from_none(
    browser_client: Callable[[Actor], Client], mallory: Actor, fresh_tenant: TenantRef
) -> None:
    lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="secret reason")
    browser = browser_client(mallory)
    closed, unknown = browser.get(f"/t/{fresh_tenant.slug}/"), browser.get("/t/no-such-one/")
    assert closed.status_code == unknown.status_code == 404
    assert b"secret reason" not in closed.content
    lifecycle.resume(fresh_tenant.id, actor=OPERATOR)


def test_live_connections_are_told_to_close(fresh_tenant: TenantRef) -> None:
    with redis_client().pubsub(ignore_subscribe_messages=True) as listening:
        listening.subscribe(streams.CHANNEL)
        listening.get_message(timeout=5)
        lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="test")
        heard = [message["data"] for message in iter(lambda: listening.get_message(timeout=2), None) if message]
    assert any(fresh_tenant.id.hex.encode() in frame and b"suspended" in frame for frame in heard)


def test_schedules_are_held_and_due_again_on_return(fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        due.schedule_now("probe.held")
    lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="test")
    assert not [claim for claim in wakeups.claim_due(now=clock.now()) if claim.tenant_id == fresh_tenant.id]
    lifecycle.resume(fresh_tenant.id, actor=OPERATOR)
    kinds = {claim.kind for claim in wakeups.claim_due(now=clock.now()) if claim.tenant_id == fresh_tenant.id}
    assert "probe.held" in kinds


def test_each_step_is_in_both_audit_trails(fresh_tenant: TenantRef) -> None:
    lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="test")
    lifecycle.resume(fresh_tenant.id, actor=OPERATOR)
    for place in (None, fresh_tenant):
        with tenant_context.entered(place):
            rows = Entry.objects.filter(object_type="tenant", object_id=str(fresh_tenant.id)).order_by("seq")
            assert [row.action for row in rows] == ["tenant.suspended", "tenant.resumed"]


def test_only_operators_suspend_and_only_what_is_active(frida: Actor, fresh_tenant: TenantRef) -> None:
    with pytest.raises(Forbidden):
        lifecycle.suspend(fresh_tenant.id, actor=frida, reason="mine")
    with pytest.raises(InvalidInput):
        lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="  ")
    with pytest.raises(Conflict):
        lifecycle.resume(fresh_tenant.id, actor=OPERATOR)
    lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="once")
    with pytest.raises(Conflict):
        lifecycle.suspend(fresh_tenant.id, actor=OPERATOR, reason="twice")
    lifecycle.resume(fresh_tenant.id, actor=OPERATOR)


def test_an_operator_suspends_and_resumes_from_the_admin(fresh_tenant: TenantRef) -> None:
    browser = Client()
    browser.force_login(User.objects.get(email="operator@atom.test"))
    at = f"/admin/tenancy/tenant/{fresh_tenant.id}"
    assert b"Nobody can enter" in browser.get(f"{at}/suspend/").content
    assert browser.post(f"{at}/suspend/", {"reason": ""}).status_code == 422
    assert browser.post(f"{at}/suspend/", {"reason": "Audit"}).status_code == 303
    assert Tenant.objects.get(id=fresh_tenant.id).status == TenantStatus.SUSPENDED
    assert b"Audit" in browser.get(f"{at}/resume/").content
    assert browser.post(f"{at}/resume/").status_code == 303
    assert Tenant.objects.get(id=fresh_tenant.id).status == TenantStatus.ACTIVE
    assert (
        b"What is" in browser.get(f"{at}/remove/").content or b"goes for good" in browser.get(f"{at}/remove/").content
    )
    assert browser.post(f"{at}/remove/", {"slug": "other"}).status_code == 422


def test_nobody_else_reaches_the_operators_pages(
    browser_client: Callable[[Actor], Client], frida: Actor, fresh_tenant: TenantRef
) -> None:
    browser = browser_client(frida)
    for step in ("suspend", "resume", "remove"):
        assert browser.post(f"/admin/tenancy/tenant/{fresh_tenant.id}/{step}/").status_code == 302
    assert Tenant.objects.get(id=fresh_tenant.id).status == TenantStatus.ACTIVE


def test_a_renamed_workspace_is_found_at_both_addresses_by_its_members(
    browser_client: Callable[[Actor], Client],
    api: Callable[..., Any],
    frida: Actor,
    mallory: Actor,
    fresh_tenant: TenantRef,
) -> None:
    new = f"{fresh_tenant.slug}-2"
    answer = api(frida).patch("/api/v1/tenants/current", {"name": "  Mu\u0308ller   & Co ", "slug": new})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["slug"]) == ("Müller & Co", new)
    browser = browser_client(frida)
    assert browser.get(f"/t/{new}/").status_code == 200
    moved = browser.get(f"/t/{fresh_tenant.slug}/data/?q=1")
    assert (moved.status_code, moved.headers["Location"]) == (308, f"/t/{new}/data/?q=1")
    assert browser_client(mallory).get(f"/t/{fresh_tenant.slug}/").status_code == 404


def test_an_old_slug_is_not_given_to_others_for_a_while_but_may_be_taken_back(
    frida: Actor, fresh_tenant: TenantRef
) -> None:
    lifecycle.rename(fresh_tenant.id, actor=frida, name="New", slug=f"{fresh_tenant.slug}-b")
    with pytest.raises(Conflict):
        provisioning.provision(fresh_tenant.slug, "Other")
    with cast.temporary_tenant() as other, pytest.raises(Conflict):
        lifecycle.rename(other.id, actor=OPERATOR, name="Other", slug=fresh_tenant.slug)
    assert lifecycle.rename(fresh_tenant.id, actor=frida, name="New", slug=fresh_tenant.slug).slug == fresh_tenant.slug


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"slug": "acme"}, "TENANT_EXISTS"),
        ({"slug": "admin"}, "BAD_SLUG"),
        ({"slug": "\u0430cme"}, "BAD_SLUG"),
        ({"slug": "a" * 200}, "BAD_SLUG"),
        ({"slug": "a" * 2000}, "INVALID_INPUT"),
        ({"name": ""}, "BAD_NAME"),
        ({"name": "a\u202eb"}, "BAD_NAME"),
        ({"name": 7}, "INVALID_INPUT"),
        ({"colour": "red"}, "INVALID_INPUT"),
    ],
)
def test_a_bad_rename_gets_one_clear_error(
    api: Callable[..., Any], mallory: Actor, body: dict[str, Any], code: str
) -> None:
    answer = api(mallory).patch("/api/v1/tenants/current", body)
    assert answer.status_code in (400, 409)
    assert answer.json()["code"] == code
    assert Tenant.objects.filter(slug="globex").exists()


def test_only_an_admin_renames_and_only_their_own(bob: Actor, mallory: Actor, acme: TenantRef) -> None:
    with pytest.raises(Forbidden):
        lifecycle.rename(acme.id, actor=bob, name="x", slug="x")
    with pytest.raises(NotFound):
        lifecycle.rename(acme.id, actor=mallory, name="x", slug="x")


def test_the_page_renames_and_leads_to_the_new_address(
    browser_client: Callable[[Actor], Client], frida: Actor, fresh_tenant: TenantRef
) -> None:
    browser, new = browser_client(frida), f"{fresh_tenant.slug}-c"
    at = f"/t/{fresh_tenant.slug}/settings/workspace/"
    wrong = browser.post(at, {"name": "New", "slug": "Not Good"})
    assert wrong.status_code == 422
    assert b"lower case" in wrong.content
    done = browser.post(at, {"name": "New", "slug": new})
    assert (done.status_code, done.headers["Location"]) == (303, f"/t/{new}/settings/workspace/")
