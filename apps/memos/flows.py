"""The flow GenerateMemo."""

from apps.memos.contracts import GenerateInput
from apps.workflows.registry import Flow, Step, register_flow

GENERATE = register_flow(
    Flow(
        name="GenerateMemo",
        title="Write the weekly memo",
        description="The week's figures by the dashboards' queries, reconciled, worded, checked, stored as a version.",
        input=GenerateInput,
        steps=(
            Step("survey", "apps.memos.services.generation.survey", title="Find the latest complete week"),
            Step(
                "packet", "apps.memos.services.generation.make_packet", after=("survey",), title="Compute the figures"
            ),
            Step("write", "apps.memos.services.generation.write", after=("packet",), title="Write and check the text"),
            Step("store", "apps.memos.services.generation.store", after=("write",), title="Store the version"),
        ),
    )
)
