"""What the product announces is what the contract promises."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import jsonschema_rs
import orjson

from apps.artifacts.enums import ArtifactKind
from apps.artifacts.services import versions
from apps.audit.models import OutboxEvent
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.workflows.enums import RunStatus, StepStatus

EVENTS = Path(__file__).resolve().parents[3] / "docs" / "events"
InTenant = Callable[[TenantRef], AbstractContextManager[None]]


def test_a_stored_artifact_is_announced_as_the_contract_says(
    in_tenant: InTenant, acme: TenantRef, alice: Actor
) -> None:
    schema = orjson.loads((EVENTS / "artifact_generated.json").read_bytes())
    with in_tenant(acme):
        versions.store(
            ArtifactKind.ANSWER, f"contract:{new_id()}", title="One", content={"a": 1}, lineage=[], actor=alice
        )
        announced = OutboxEvent.objects.filter(name="artifact_generated").order_by("-id")[0].payload
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(announced)


def test_the_schema_knows_every_state_of_runs_and_steps() -> None:
    schema = orjson.loads((EVENTS / "workflow_state_transition.json").read_bytes())
    assert set(schema["properties"]["status"]["enum"]) == {*map(str, RunStatus), *map(str, StepStatus)}


def test_the_schema_knows_every_kind_of_artifact() -> None:
    schema = orjson.loads((EVENTS / "artifact_generated.json").read_bytes())
    assert set(schema["properties"]["kind"]["enum"]) == set(map(str, ArtifactKind))
