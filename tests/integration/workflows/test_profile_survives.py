"""The first real job of a new user, killed in the middle: the profile of the demo company ends all the same."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.workflows.enums import RunStatus
from apps.workflows.models import StepResult, TimelineRow, WorkflowRun
from tests.integration.workflows import processes
from tests.integration.workflows.processes import eventually

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def test_a_profile_survives_kill_9_of_the_worker_and_no_step_is_done_twice(
    fresh_tenant: TenantRef, frida: Actor, api: Callable[[Actor], Any], tmp_path: Path
) -> None:
    client = api(frida)
    assert client.post("/api/v1/warehouse/demo").status_code == 201
    source = client.post("/api/v1/connectors/sandbox/connect", {"name": "Shop"}).json()["datasource_id"]
    worker, beat = processes.worker(tmp_path / "worker.log"), processes.beat(tmp_path / "beat.log")
    with processes.running(worker, beat), tenant_context.entered(fresh_tenant):
        with tenant_context.entered(None):
            run_id = client.post("/api/v1/catalog/profile", {"datasource_id": source}).json()["workflow_id"]
        measuring = StepResult.objects.filter(run_id=run_id, step_name="profile", status="running", progress__gt=0)
        eventually(measuring.exists)
        worker.kill()
        worker.start()
        eventually(lambda: not WorkflowRun.objects.unfinished().exists(), within=120)
        assert WorkflowRun.objects.get(id=run_id).status == RunStatus.SUCCEEDED
        ends = Counter(TimelineRow.objects.filter(run_id=run_id, after="success").values_list("step_name", flat=True))
        claims = dict(StepResult.objects.filter(run_id=run_id).values_list("step_name", "fence"))
        lost = dict(StepResult.objects.filter(run_id=run_id).values_list("step_name", "lost_workers"))
    assert set(ends.values()) == {1}
    assert (claims["introspect"], lost["introspect"]) == (1, 0)
    assert lost["profile"] == 1
    assert (claims["personal_data"], claims["recommend"]) == (1, 1)
