"""A tenant with the demo company loaded, profiled and confirmed: where dashboards and memos begin."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.engine.demo import tables
from apps.datasources.models import Datasource, Recommendation
from apps.datasources.services import demo, profiling, recommendations, registry
from apps.datasources.services.profiling import ProfileInput
from apps.datasources.services.recommendations import Decision
from apps.workflows.models import StepResult, WorkflowRun
from apps.workflows.services import execution
from tests.support import cast

SMALL = tables.Scale(users=400, events=6_000, orders=1_500, subscriptions=200)
"""A demo company for tests that need its tables rather than its figures."""
_READABLE = tables.Scale(users=2_400, events=60_000, orders=9_600, subscriptions=900)
"""A tenth of the demo company: every template finds its cards in it, and the memo its changes."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The tenant, its admin and its confirmed datasource."""

    tenant: TenantRef
    admin: Actor
    datasource: Datasource


@contextmanager
def confirmed(*, timezone: str = "Europe/Berlin") -> Iterator[Shop]:
    """A tenant of its own with everything that is recommended confirmed."""
    with cast.temporary_tenant(timezone=timezone) as ref:
        frida = cast.actor(f"frida@{ref.slug}.test", ref)
        demo.load_demo(ref, scale=_READABLE)
        with tenant_context.entered(ref):
            datasource, _ = registry.connect(frida, name="Shop", type_name="sandbox", config={})
            confirm_all(frida, datasource)
        yield Shop(ref, frida, datasource)


def confirm_all(actor: Actor, datasource: Datasource) -> None:
    """Profile the datasource and say yes to everything but reference data."""
    run = drive(profiling.start(actor, ProfileInput(datasource_id=datasource.id)).id)
    assert run.status == "succeeded", run.error
    rows = Recommendation.objects.filter(datasource=datasource).exclude(role="config")
    recommendations.decide(actor, [Decision(row.id, confirm=True) for row in rows])


def drive(run_id: object, *, seconds: float = 60) -> WorkflowRun:
    """Do what is ready, as a worker would, until the run has ended; a worker that runs too shares the steps."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ready = StepResult.objects.filter(run_id=run_id, status="ready").order_by("position")
        for step in ready:
            execution.perform(step.run_id, step.step_name)
        run = WorkflowRun.objects.get(id=run_id)
        if run.is_finished:
            break
        if not ready:
            time.sleep(0.05)
    return WorkflowRun.objects.get(id=run_id)
