"""What the engine's tests share: a tenant per module, emptied for each test, a folder to count in, runs by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.audit.models import OutboxEvent
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.tenancy.models import Wakeup
from apps.workflows.models import DeadLetter, StepResult, WorkflowRun
from apps.workflows.services import execution
from tests.integration.workflows import flows
from tests.support import cast


@pytest.fixture
def fresh_tenant(shared_tenant: TenantRef) -> TenantRef:
    """As good as fresh for the engine: no run, no event, no wake-up."""
    with tenant_context.entered(shared_tenant):
        DeadLetter.objects.all().delete()
        WorkflowRun.objects.all().delete()
        OutboxEvent.objects.all().delete()
    Wakeup.objects.filter(tenant_id=shared_tenant.id).delete()
    return shared_tenant


@pytest.fixture
def inside(fresh_tenant: TenantRef, frida: Actor) -> Iterator[TenantRef]:
    """A fresh tenant, entered."""
    with tenant_context.entered(fresh_tenant):
        yield fresh_tenant


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """The admin of the fresh tenant."""
    return cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)


@pytest.fixture
def work(tmp_path: Path) -> flows.Work:
    """Input whose folder is the test's own."""
    return flows.Work(folder=str(tmp_path))


@pytest.fixture
def alone_in_acme(acme: TenantRef) -> Iterator[None]:
    """No other run in acme before, and none of this test's after: slots are scarce."""
    with tenant_context.entered(acme):
        WorkflowRun.objects.all().delete()
    yield
    with tenant_context.entered(acme):
        WorkflowRun.objects.all().delete()
        Wakeup.objects.filter(kind="workflows.run").delete()


def drive(run_id: object, *, at_most: int = 20) -> WorkflowRun:
    """Do what is ready, as a single worker would, until nothing is."""
    for _ in range(at_most):
        ready = StepResult.objects.filter(run_id=run_id, status="ready").order_by("position")
        if not any(execution.perform(step.run_id, step.step_name) for step in ready):
            break
    return WorkflowRun.objects.get(id=run_id)
