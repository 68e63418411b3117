"""The flow GenerateDashboard."""

from apps.dashboards.contracts import GenerateInput
from apps.workflows.registry import Flow, Step, register_flow

GENERATE = register_flow(
    Flow(
        name="GenerateDashboard",
        title="Generate dashboards",
        description="Confirmed tables to cards, estimated, tried through the gate, laid out and stored as a version.",
        input=GenerateInput,
        steps=(
            Step("plan", "apps.dashboards.services.generation.plan", title="Choose cards"),
            Step("estimate", "apps.dashboards.services.generation.estimate", after=("plan",), title="Estimate cost"),
            Step("run", "apps.dashboards.services.generation.run", after=("estimate",), title="Run queries"),
            Step("store", "apps.dashboards.services.generation.store", after=("run",), title="Lay out and store"),
        ),
    )
)
