"""The event contract: sample events validate against the schemas, and the schemas hold what the contract promises."""

import copy
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

EVENTS = Path(__file__).resolve().parents[3] / "docs" / "events"
NAMES = ["artifact_generated", "security_gate_decision", "tool_invocation", "workflow_state_transition"]
FIELDS = {"org_id", "session_id", "workflow_id", "step_id", "status", "error_code", "started_at", "finished_at"}


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = orjson.loads((EVENTS / f"{name}.json").read_bytes())
    return schema


def samples_of(name: str) -> list[dict[str, Any]]:
    samples: list[dict[str, Any]] = orjson.loads((EVENTS / "samples" / f"{name}.json").read_bytes())
    return samples


def validator_of(name: str) -> Any:
    return jsonschema_rs.validator_for(schema_of(name), validate_formats=True)


def test_every_event_has_a_schema_and_a_sample() -> None:
    assert sorted(path.stem for path in EVENTS.glob("*.json")) == NAMES
    assert sorted(path.stem for path in (EVENTS / "samples").glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_sample_events_validate_against_the_schema(name: str) -> None:
    validator = validator_of(name)
    for sample in samples_of(name):
        validator.validate(sample)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_requires_the_common_fields_and_allows_new_ones(name: str) -> None:
    schema = schema_of(name)
    assert set(schema["required"]) >= FIELDS
    assert schema["additionalProperties"] is True


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", sorted(FIELDS))
def test_an_event_without_a_common_field_is_no_event(name: str, field: str) -> None:
    broken = copy.deepcopy(samples_of(name)[0])
    del broken[field]
    assert not validator_of(name).is_valid(broken)


@pytest.mark.parametrize(("field", "value"), [("org_id", "acme"), ("status", "fine"), ("started_at", "yesterday")])
@pytest.mark.parametrize("name", NAMES)
def test_an_event_with_a_senseless_value_is_no_event(name: str, field: str, value: str) -> None:
    assert not validator_of(name).is_valid(samples_of(name)[0] | {field: value})
