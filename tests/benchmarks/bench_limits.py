"""The limiter and the hour against the round trip of an empty script, at every size of the window."""

import statistics
from collections.abc import Callable
from uuid import uuid4

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import LimitReached
from apps.core.redis import client
from apps.core.tenant import TenantRef
from apps.policies.connectors import counters
from apps.policies.services import budget, limits
from apps.tenancy.models import Tenant
from tests.benchmarks.report import Report, median_ms, samples_ms
from tests.support import cast

WINDOWS = (10, 1_000, 100_000)
HUGE = 10**15


def run(report: Report) -> None:
    """All figures of the limiter."""
    tenant = Tenant.objects.get(slug="acme").ref
    bob = cast.actor("bob@acme.test", tenant)
    with tenant_context.entered(tenant):
        _budget(report, tenant)
        _leaving(report, tenant)
        _rates(report, tenant, bob)
        _slots(report, tenant)


def _beside(ours: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """Medians of both, taken in turns, so that whatever else the machine does meets both."""
    pairs = [(samples_ms(ours, runs=1)[0], samples_ms(floor, runs=1)[0]) for _ in range(840)][40:]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def _budget(report: Report, tenant: TenantRef) -> None:
    names = budget.keys(tenant.id)
    for window in WINDOWS:
        _fill(names, window)
        ours, floor = _beside(
            lambda: budget.reserve(tenant.id, reservation_id=str(uuid4()), size=1, budget=HUGE),
            lambda: counters.run("return {1, 1, 1}", names, [1, HUGE, str(uuid4()), 1, 1, 200]),
        )
        report.ratio(f"budget: hold with {window} entries / an empty script", ours, floor, limit=1.6)


def _leaving(report: Report, tenant: TenantRef) -> None:
    """A hundred thousand entries that leave the window at once: the slowest single call."""
    names = budget.keys(tenant.id)
    _fill(names, 100_000, age=3_601_000_000)
    arguments = [3_600_000_000, HUGE, "x", 1, 0, 200]
    slowest = max(median_ms(lambda: counters.run(counters.RESERVE, names, arguments), runs=1) for _ in range(150))
    report.figure("budget: slowest call while 100000 entries leave at once", slowest, "ms", limit=20)


def _rates(report: Report, tenant: TenantRef, bob: Actor) -> None:
    names = [counters.key(tenant.id, "rate", name) for name in ("user:floor", "tenant")]
    ours, floor = _beside(
        lambda: counters.run(counters.ADMIT, names, [60, HUGE, HUGE]),
        lambda: counters.run("return {0, 1, 1, 0, 1, 0}", names, [60, HUGE, HUGE]),
    )
    report.ratio("rates: user and tenant in one call / an empty script", ours, floor, limit=1.6)
    report.figure("rates: admit, with the policy", median_ms(lambda: _admitted(bob), runs=400, warm_up=40), "ms")


def _admitted(actor: Actor) -> None:
    try:
        limits.admit(actor)
    except LimitReached:
        return


def _slots(report: Report, tenant: TenantRef) -> None:
    name = counters.key(tenant.id, "slots")

    def take_and_give_back() -> None:
        with limits.execution_slot(tenant.id):
            pass

    ours, floor = _beside(take_and_give_back, lambda: counters.run("return {1, 1}", [name], ["x", 10, 1]))
    report.ratio("slot: take and give back (two calls) / an empty script", ours, floor, limit=2 * 1.6)


def _fill(names: list[str], entries: int, *, age: int = 1_000_000) -> None:
    client().delete(*names)
    counters.run(counters.SEED, names, [3_600_000_000, "e", 1, age])
    now = client().zscore(names[0], "e")
    for start in range(1, entries, 5000):
        ids = [f"e{number}" for number in range(start, min(start + 5000, entries))]
        client().zadd(names[0], dict.fromkeys(ids, now))
        client().hset(names[1], mapping=dict.fromkeys(ids, 1))
    client().hset(names[1], "=", entries)
