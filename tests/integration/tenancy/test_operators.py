"""The operators' admin: its first page, its lists with a thousand tenants, and stepping in, which the tenant reads."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy.models import Letter, SecondFactor, SecurityEvent, Tenant, User
from tests.support import cast

MANY = 1000


@pytest.fixture
def operator(world: dict[str, TenantRef]) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(email="operator@atom.test"))
    return client


@pytest.fixture(scope="module")
def a_thousand_tenants(world: dict[str, TenantRef]) -> Iterator[None]:
    """Rows alone: what a list costs does not depend on their schemas."""
    mark = new_id().hex[:8]
    names = [f"many-{mark}-{number:04}" for number in range(MANY)]
    rows = [Tenant(slug=name, name=name, schema_name=f"none_{name}", role_name=f"none_{name}") for name in names]
    for row in rows:
        row.status = "failed"
    Tenant.objects.bulk_create(rows)
    yield
    Tenant.objects.filter(slug__startswith=f"many-{mark}-").delete()


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        response = client.get(address)
    assert response.status_code == 200, response.content[:500]
    return len(seen)


def _is_closed(answer: Any) -> bool:
    """The tenant's admin sends strangers to the login, as for a workspace that does not exist."""
    return answer.status_code == 302 and "/admin/login/" in answer["Location"]


def test_the_first_page_says_how_everything_is(operator: Client) -> None:
    page = operator.get("/admin/").content.decode()
    for word in ("Tenants", "Health", "Queues", "Most bytes this month", "Failures", "Migrations", "up to date"):
        assert word in page


@pytest.mark.parametrize(
    ("address", "most"),
    [("/admin/", 14), ("/admin/tenancy/tenant/", 8), ("/admin/tenancy/user/", 8), ("/admin/tenancy/membership/", 8),
     ("/admin/tenancy/schemastatus/", 7), ("/admin/tenancy/usagemonth/", 8), ("/admin/audit/entry/", 7)],
)  # fmt: skip
def test_no_list_asks_more_of_the_database_with_a_thousand_tenants(
    operator: Client, a_thousand_tenants: None, address: str, most: int
) -> None:
    assert _queries(operator, address) <= most


def test_an_operator_is_a_stranger_until_they_step_in(operator: Client, acme: TenantRef) -> None:
    assert _is_closed(operator.get(f"/t/{acme.slug}/admin/"))
    refused = operator.post(f"/admin/tenancy/tenant/{acme.id}/step-in/", {"reason": "  "})
    assert refused.status_code == 422
    assert _is_closed(operator.get(f"/t/{acme.slug}/admin/"))


def test_stepping_in_opens_the_admin_alone_and_the_tenant_reads_why(operator: Client, acme: TenantRef) -> None:
    reason = f"ticket {new_id().hex[:6]}"
    answer = operator.post(f"/admin/tenancy/tenant/{acme.id}/step-in/", {"reason": reason})
    assert (answer.status_code, answer["Location"]) == (303, f"/t/{acme.slug}/admin/")
    page = operator.get(f"/t/{acme.slug}/admin/")
    assert page.status_code == 200
    assert f"Operator in {acme.slug}" in page.content.decode()
    assert operator.get(f"/t/{acme.slug}/studio/sql/").status_code == 404
    assert operator.get(f"/t/{acme.slug}/api/v1/datasources").status_code in (401, 404)
    with tenant_context.entered(acme):
        entry = Entry.objects.filter(action="operator.stepped_in").latest("seq")
        assert entry.summary["reason"] == reason
    assert SecurityEvent.objects.filter(tenant_id=acme.id, kind="operator_stepped_in", detail=reason).exists()


def test_the_way_in_closes_after_an_hour_and_at_once_when_left(operator: Client, acme: TenantRef) -> None:
    step = f"/admin/tenancy/tenant/{acme.id}/step-in/"
    operator.post(step, {"reason": "look"})
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert _is_closed(operator.get(f"/t/{acme.slug}/admin/"))
    assert operator.get(f"/t/{acme.slug}/admin/").status_code == 200
    operator.post(step, {"leave": "1"})
    assert _is_closed(operator.get(f"/t/{acme.slug}/admin/"))


def test_stepping_into_one_tenant_opens_no_other(operator: Client, acme: TenantRef, globex: TenantRef) -> None:
    operator.post(f"/admin/tenancy/tenant/{acme.id}/step-in/", {"reason": "look"})
    assert _is_closed(operator.get(f"/t/{globex.slug}/admin/"))


def test_a_members_session_cannot_claim_to_have_stepped_in(acme: TenantRef, mallory: Actor) -> None:
    client: Any = cast.page_client(mallory)
    session = client.session
    session["stepped_into"] = {str(acme.id): (clock.now() + timedelta(hours=1)).isoformat()}
    session.save()
    assert _is_closed(client.get(f"/t/{acme.slug}/admin/"))


def test_an_operator_sends_the_link_that_removes_a_second_factor(operator: Client, fresh_tenant: TenantRef) -> None:
    frida = User.objects.get(email=f"frida@{fresh_tenant.slug}.test")
    address = f"/admin/tenancy/user/{frida.id}/reset-factor/"
    assert operator.get(address).status_code == 404
    SecondFactor.objects.create(user=frida, sealed=b"x", confirmed_at=clock.now())
    assert "Send a link to remove it" in operator.get("/admin/tenancy/user/?q=frida").content.decode()
    assert "until then it stays in force" in operator.get(address).content.decode()
    assert not Letter.objects.filter(address=frida.email, kind="factor_reset").exists()
    assert operator.post(address).status_code == 303
    assert Letter.objects.filter(address=frida.email, kind="factor_reset").count() == 1
    assert SecondFactor.objects.filter(user=frida).exists()
    entry = Entry.objects.filter(action="person.factor_reset_allowed").latest("seq")
    assert entry.object_id == str(frida.id)
    assert SecurityEvent.objects.get(user_id=frida.id, kind="second_factor.reset_allowed").detail == "by an operator"


def test_nobody_but_an_operator_sends_it(world: dict[str, TenantRef], alice: Actor) -> None:
    answer = cast.page_client(alice).post(f"/admin/tenancy/user/{alice.id}/reset-factor/")
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]
