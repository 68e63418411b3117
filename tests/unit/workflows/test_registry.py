"""Flows as declared: every step can be found and says what it returns."""

import pytest
from pydantic import BaseModel

from apps.workflows import registry
from apps.workflows.engine.plan import PlanError
from apps.workflows.errors import UnknownFlowError
from apps.workflows.registry import Flow, Step


class Nothing(BaseModel):
    """No input."""


def test_every_step_of_every_flow_can_be_found_and_returns_a_model() -> None:
    flows = registry.list_flows()
    assert {"ProfileWarehouse", "GenerateDashboard", "GenerateMemo"} <= {flow.name for flow in flows}
    for flow in flows:
        for step in flow.steps:
            assert issubclass(registry.output_model_of(step.function()), BaseModel)


def test_a_flow_is_refused_after_the_start() -> None:
    registry.list_flows()
    with pytest.raises(RuntimeError, match="after start"):
        registry.register_flow(Flow("tests.late", Nothing, ()))


def test_an_unknown_flow_is_not_found() -> None:
    with pytest.raises(UnknownFlowError):
        registry.get_flow("nobody.knows")


def test_a_circle_is_refused_where_it_is_declared() -> None:
    with pytest.raises(PlanError):
        Flow("tests.circle", Nothing, (Step("a", "x.a", after=("b",)), Step("b", "x.b", after=("a",))))
