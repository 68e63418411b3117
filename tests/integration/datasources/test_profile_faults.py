"""A profile that is interrupted goes on where it stopped; a table that cannot be read does not stop the others."""

import time
from typing import Any

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import InvalidInput, LimitReached
from apps.core.tenant import TenantRef
from apps.datasources.models import CatalogTable, Datasource, ProfileSnapshot
from apps.datasources.services import demo, profiling, registry
from apps.datasources.services.profiling import ProfileInput
from apps.workflows.models import StepResult, WorkflowRun
from tests.integration.workflows.conftest import drive
from tests.support import cast
from tests.support.shop import SMALL


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """Admin of a tenant of the test's own, with a small demo company."""
    actor = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    demo.load_demo(fresh_tenant, scale=SMALL)
    return actor


def faulty(frida: Actor, *faults: dict[str, Any]) -> Datasource:
    source, _ = registry.connect(frida, name="Faulty", type_name="sandbox", config={"mock": {"faults": list(faults)}})
    return source


def until_over(run_id: object) -> WorkflowRun:
    for _ in range(12):
        run = drive(run_id)
        if run.is_finished:
            return run
        time.sleep(1)
    return run


def test_a_fault_in_the_middle_repeats_nothing_that_is_done(frida: Actor, fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        source = faulty(frida, {"on": "execute", "nth": 11, "code": "TRANSIENT_ERROR"})
        run = profiling.start(frida, ProfileInput(datasource_id=source.id))
        assert not drive(run.id).is_finished
        done = dict(CatalogTable.objects.exclude(state="none").values_list("name", "profiled_at"))
        assert 1 <= len(done) < 6
        over = until_over(run.id)
        assert over.status == "succeeded", over.error
        assert StepResult.objects.get(run_id=run.id, step_name="profile").retry_count == 1
        after = dict(CatalogTable.objects.values_list("name", "profiled_at"))
        assert {name: after[name] for name in done} == done
        assert ProfileSnapshot.objects.filter(run_id=run.id).count() == len(after) == 6


def test_a_table_that_may_not_be_read_is_noted_and_the_others_are_profiled(
    frida: Actor, fresh_tenant: TenantRef
) -> None:
    with tenant_context.entered(fresh_tenant):
        source = faulty(frida, {"on": "execute", "nth": 1, "code": "PERMISSION_DENIED"})
        over = until_over(profiling.start(frida, ProfileInput(datasource_id=source.id)).id)
        assert over.status == "succeeded", over.error
        assert len(over.warnings) == 1
        states = list(CatalogTable.objects.values_list("state", flat=True))
        assert (states.count("failed"), states.count("profiled")) == (1, 5)


def test_a_time_out_falls_back_to_a_sample(frida: Actor, fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        source = faulty(frida, {"on": "execute", "nth": 1, "code": "TIMEOUT"})
        over = until_over(profiling.start(frida, ProfileInput(datasource_id=source.id)).id)
        assert over.status == "succeeded", over.error
        percents = [table.profile["percent"] for table in CatalogTable.objects.all()]
        assert sorted(percents) == [10, 100, 100, 100, 100, 100]


def test_a_third_profile_at_once_is_refused_and_a_database_is_no_warehouse(
    frida: Actor, fresh_tenant: TenantRef
) -> None:
    with tenant_context.entered(fresh_tenant):
        sources = [
            registry.connect(frida, name=f"Shop {number}", type_name="sandbox", config={})[0] for number in range(3)
        ]
        for source in sources[:2]:
            profiling.start(frida, ProfileInput(datasource_id=source.id))
        assert profiling.start(frida, ProfileInput(datasource_id=sources[0].id)).joined
        with pytest.raises(LimitReached, match="Two profiles"):
            profiling.start(frida, ProfileInput(datasource_id=sources[2].id))
        studio = Datasource.objects.filter(type="postgres").first()
        assert studio is not None
        with pytest.raises(InvalidInput, match="no warehouse"):
            profiling.start(frida, ProfileInput(datasource_id=studio.id))
