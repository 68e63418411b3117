"""Usage is counted from what is kept anyway, the same however often; a plan that is used up says so clearly."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, Forbidden, InvalidInput, LimitReached
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.tenancy.engine.plans import Limits
from apps.tenancy.models import Subscription, UsageDay, UsageMonth, Wakeup
from apps.tenancy.selectors import usage
from apps.tenancy.services import metering, quota, sweeping
from tests.support import cast

OPERATOR = Actor(None, None, "operator@atom.test", "Operator", Role.ADMIN, frozenset(), ActorKind.OPERATOR)


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """Admin of a tenant of her own."""
    return cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)


@pytest.fixture
def roll_up(fresh_tenant: TenantRef) -> Callable[[], None]:
    """Count, as the wake-up does."""

    def run() -> None:
        with tenant_context.entered(fresh_tenant):
            metering.roll_up("", fresh_tenant)

    return run


@pytest.fixture(autouse=True)
def _fresh_states() -> Iterator[None]:
    quota._states.clear()
    yield
    quota._states.clear()


def _decide(actor: Actor, tenant: TenantRef, *outcomes: str) -> None:
    with tenant_context.entered(tenant):
        for outcome in outcomes:
            trail.record(actor, "security_gate_decision", object_type="query", outcome=outcome)


def test_a_day_counts_queries_bytes_storage_and_people(
    api: Callable[..., Any], frida: Actor, fresh_tenant: TenantRef, roll_up: Callable[[], None]
) -> None:
    _decide(frida, fresh_tenant, "executed", "executed", "refused")
    roll_up()
    day = UsageDay.objects.get(tenant_id=fresh_tenant.id, day=clock.now().astimezone(UTC).date())
    assert (day.queries, day.seats) == (2, 1)
    assert day.storage > 1_000_000  # its schema and its studio database
    answer = api(frida).get("/api/v1/tenants/usage").json()
    assert answer["plan"] == "standard"
    assert answer["this_month"]["queries"] == 2
    assert answer["days"][-1]["queries"] == 2


def test_who_begins_on_the_first_of_a_month_has_no_month_before(
    fresh_tenant: TenantRef, roll_up: Callable[[], None]
) -> None:
    for hour in (0, 1, 23):
        with clock.frozen(datetime(2031, 5, 1, hour, tzinfo=UTC)):
            roll_up()
    assert [row.month for row in UsageMonth.objects.filter(tenant_id=fresh_tenant.id)] == [date(2031, 5, 1)]
    with clock.frozen(datetime(2031, 6, 1, 1, tzinfo=UTC)):
        roll_up()
    months = UsageMonth.objects.filter(tenant_id=fresh_tenant.id).order_by("month")
    assert [row.month for row in months] == [date(2031, 5, 1), date(2031, 6, 1)]


def test_counting_again_adds_nothing(frida: Actor, fresh_tenant: TenantRef, roll_up: Callable[[], None]) -> None:
    _decide(frida, fresh_tenant, "executed")
    for _ in range(3):
        roll_up()
    assert UsageMonth.objects.get(tenant_id=fresh_tenant.id).queries == 1
    _decide(frida, fresh_tenant, "executed")
    roll_up()
    assert UsageMonth.objects.get(tenant_id=fresh_tenant.id).queries == 2


def test_the_month_is_the_sum_of_its_days_and_their_peak(fresh_tenant: TenantRef, roll_up: Callable[[], None]) -> None:
    for day, peak in ((1, 10**12), (18, 5)):  # the day before the last is settled and not counted again
        UsageDay.objects.create(
            tenant_id=fresh_tenant.id, day=date(2031, 5, day), bytes=7, queries=5, storage=peak, seats=9
        )
    UsageDay.objects.create(tenant_id=fresh_tenant.id, day=date(2031, 5, 20), seats=2)
    with clock.frozen(datetime(2031, 5, 20, 12, tzinfo=UTC)):
        roll_up()
    month = UsageMonth.objects.get(tenant_id=fresh_tenant.id, month=date(2031, 5, 1))
    assert (month.bytes, month.queries, month.storage, month.seats) == (14, 10, 10**12, 9)


def test_the_next_count_is_in_the_list_of_what_is_due(fresh_tenant: TenantRef, roll_up: Callable[[], None]) -> None:
    sweeping._see_to_usage()
    row = Wakeup.objects.get(tenant_id=fresh_tenant.id, kind=metering.KIND)
    assert row.due_at <= clock.now() + timedelta(minutes=1)
    roll_up()
    assert Wakeup.objects.get(id=row.id).due_at > clock.now() + timedelta(minutes=50)


def test_used_up_queries_are_429_and_say_until_when(
    fresh_tenant: TenantRef, frida: Actor, roll_up: Callable[[], None]
) -> None:
    _decide(frida, fresh_tenant, "executed", "executed")
    quota.choose(fresh_tenant.id, actor=OPERATOR, plan="team", own=Limits(queries=2))
    roll_up()
    with pytest.raises(LimitReached, match="2 queries a month") as refusal:
        quota.admit_query(fresh_tenant)
    assert refusal.value.code == "QUOTA_QUERIES"
    assert 0 < int(refusal.value.headers["Retry-After"]) <= 31 * 24 * 3600


def test_a_query_is_refused_at_the_door_when_the_plan_is_used_up(
    api: Callable[..., Any], fresh_tenant: TenantRef, frida: Actor, roll_up: Callable[[], None]
) -> None:
    client = api(frida)
    assert client.post("/api/v1/data/query", {"sql": "SELECT 1"}).status_code == 200
    quota.choose(fresh_tenant.id, actor=OPERATOR, plan="team", own=Limits(queries=1))
    roll_up()
    refused = client.post("/api/v1/data/query", {"sql": "SELECT 1"})
    assert (refused.status_code, refused.json()["code"]) == (429, "QUOTA_QUERIES")


def test_seats_and_storage_are_409(fresh_tenant: TenantRef, roll_up: Callable[[], None]) -> None:
    quota.choose(fresh_tenant.id, actor=OPERATOR, plan="team", own=Limits(seats=1, storage=1))
    roll_up()
    with pytest.raises(Conflict, match="1 seats") as seats:
        quota.admit_seat(fresh_tenant.id)
    with pytest.raises(Conflict) as storage:
        quota.admit_storage(fresh_tenant)
    assert (seats.value.code, storage.value.code) == ("QUOTA_SEATS", "QUOTA_STORAGE")


def test_within_the_plan_nothing_is_refused_and_the_question_is_cheap(fresh_tenant: TenantRef) -> None:
    quota.admit_query(fresh_tenant)
    quota.admit_storage(fresh_tenant, 10)
    quota.admit_seat(fresh_tenant.id)
    with CaptureQueriesContext(connection) as asked:
        quota.admit_query(fresh_tenant)
    assert len(asked) == 0


def test_plans_are_the_operators_to_choose(fresh_tenant: TenantRef, frida: Actor) -> None:
    with pytest.raises(Forbidden):
        quota.choose(fresh_tenant.id, actor=frida, plan="unlimited", own=Limits())
    with pytest.raises(InvalidInput):
        quota.choose(fresh_tenant.id, actor=OPERATOR, plan="gold", own=Limits())
    assert not Subscription.objects.filter(tenant_id=fresh_tenant.id).exists()


def test_a_tenant_reads_its_own_bill_and_no_other(
    fresh_tenant: TenantRef, acme: TenantRef, roll_up: Callable[[], None]
) -> None:
    roll_up()
    with tenant_context.entered(fresh_tenant):
        assert UsageMonth.objects.count() == 1
    with tenant_context.entered(acme):
        assert not UsageMonth.objects.filter(tenant_id=fresh_tenant.id).exists()


def test_operators_see_all_tenants_in_one_statement(fresh_tenant: TenantRef, roll_up: Callable[[], None]) -> None:
    roll_up()
    with CaptureQueriesContext(connection) as asked:
        lines = usage.list_tenants_this_month()
    assert len(asked) == 1
    assert {"acme", "globex", fresh_tenant.slug} <= {line.slug for line in lines}


def test_the_page_shows_it_also_before_the_first_count(
    browser_client: Callable[[Actor], Client],
    frida: Actor,
    bob: Actor,
    fresh_tenant: TenantRef,
    roll_up: Callable[[], None],
) -> None:
    browser, at = browser_client(frida), f"/t/{fresh_tenant.slug}/settings/usage/"
    assert b"Nothing is counted yet" in browser.get(at).content
    roll_up()
    assert b"Plan \xe2\x80\x9cstandard\xe2\x80\x9d" in browser.get(at).content
    assert browser_client(bob).get("/t/acme/settings/usage/").status_code == 403
