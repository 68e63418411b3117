"""Wake-ups: due rows go out once, whoever ticks; a delivery that fails comes again; a moved date is kept."""

import threading
from collections.abc import Iterator
from contextvars import copy_context
from datetime import timedelta

import pytest
from django.db import connections

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.models import Wakeup
from apps.tenancy.services import wakeups as scheduling
from celery_app import tasks, wakeups
from tests.integration.celery_app import handlers

HERE = "tests.integration.celery_app.handlers"


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    for kind, name in {"tests.note": "note", "tests.fail": "fail", "tests.again": "come_again"}.items():
        registry.register_wakeup(kind, f"{HERE}.{name}")
    Wakeup.objects.all().delete()
    handlers.calls.clear()
    yield
    Wakeup.objects.all().delete()


def due(tenant: TenantRef, kind: str = "tests.note", *, ago: int = 1) -> str:
    """A wake-up that is due; answers its ref."""
    ref = str(new_id())
    with tenant_context.entered(tenant):
        scheduling.schedule(kind, clock.now() - timedelta(seconds=ago), ref)
    return ref


def deliver(claim: wakeups.Claim) -> None:
    tasks.deliver(str(claim.id), str(claim.tenant_id), claim.kind, claim.ref, claim.until.isoformat(), claim.attempts)


def test_what_is_due_is_delivered_in_its_tenant_and_forgotten(acme: TenantRef, globex: TenantRef) -> None:
    refs = {due(acme): acme, due(globex): globex}
    for claim in wakeups.claim_due(now=clock.now()):
        deliver(claim)
    assert dict(handlers.calls) == refs
    assert not Wakeup.objects.exists()


def test_what_is_not_due_stays(acme: TenantRef) -> None:
    due(acme, ago=-60)
    assert wakeups.claim_due(now=clock.now()) == []


def test_two_ticks_at_once_never_take_the_same_row(acme: TenantRef) -> None:
    refs = {due(acme) for _ in range(60)}
    taken: list[str] = []
    barrier = threading.Barrier(4)

    def tick() -> None:
        try:
            barrier.wait()
            for _ in range(5):
                taken.extend(claim.ref for claim in wakeups.claim_due(now=clock.now(), limit=7))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=copy_context().run, args=(tick,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60
    assert set(taken) == refs


def test_a_delivery_that_is_lost_comes_again_after_its_lease(acme: TenantRef) -> None:
    due(acme)
    [claim] = wakeups.claim_due(now=clock.now())
    assert wakeups.claim_due(now=clock.now()) == []
    later = clock.now() + wakeups.LEASE + timedelta(seconds=1)
    [again] = wakeups.claim_due(now=later)
    assert (again.id, again.attempts) == (claim.id, 2)


def test_a_delivery_after_its_lease_does_nothing(acme: TenantRef) -> None:
    due(acme)
    [late] = wakeups.claim_due(now=clock.now())
    [newer] = wakeups.claim_due(now=clock.now() + wakeups.LEASE + timedelta(seconds=1))
    deliver(late)
    assert handlers.calls == []
    deliver(newer)
    assert len(handlers.calls) == 1


def test_a_handler_that_fails_is_called_again_after_a_pause(acme: TenantRef) -> None:
    due(acme, "tests.fail")
    now = clock.now()
    [claim] = wakeups.claim_due(now=now)
    with pytest.raises(RuntimeError):
        deliver(claim)
    row = Wakeup.objects.get()
    assert row.claimed_until is None
    assert timedelta(0) < row.due_at - now < timedelta(seconds=3)


def test_pauses_grow_with_the_attempts(acme: TenantRef) -> None:
    due(acme, "tests.fail")
    waits, now = [], clock.now()
    for _ in range(4):
        with clock.frozen(now):
            [claim] = wakeups.claim_due(now=now)
            with pytest.raises(RuntimeError):
                deliver(claim)
        waits.append(round((Wakeup.objects.get().due_at - now).total_seconds()))
        now = Wakeup.objects.get().due_at
    assert waits == [1, 4, 16, 60]


def test_a_date_moved_during_the_delivery_is_kept(acme: TenantRef) -> None:
    ref = due(acme, "tests.again")
    [claim] = wakeups.claim_due(now=clock.now())
    deliver(claim)
    [again] = wakeups.claim_due(now=clock.now())
    assert (again.ref, again.attempts) == (ref, 1)


def test_a_date_brought_forward_without_ending_the_claim_is_kept(acme: TenantRef) -> None:
    due(acme)
    [claim] = wakeups.claim_due(now=clock.now())
    Wakeup.objects.filter(id=claim.id).update(due_at=clock.now())  # as the outbox does for a new event
    deliver(claim)
    assert [row.id for row in wakeups.claim_due(now=clock.now())] == [claim.id]


def test_claims_go_back_uncounted_when_there_is_no_broker(acme: TenantRef) -> None:
    due(acme)
    [claim] = wakeups.claim_due(now=clock.now())
    wakeups.release(claim, now=clock.now())
    [again] = wakeups.claim_due(now=clock.now())
    assert again.attempts == 1


def test_a_kind_nobody_handles_is_kept_and_complained_about(acme: TenantRef) -> None:
    due(acme, "tests.unknown")
    [claim] = wakeups.claim_due(now=clock.now())
    with pytest.raises(LookupError, match=r"tests\.unknown"):
        deliver(claim)
    assert Wakeup.objects.count() == 1
