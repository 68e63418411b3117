"""The flow ProfileWarehouse."""

from apps.datasources.services.profiling import FLOW, ProfileInput
from apps.workflows.registry import Flow, Step, register_flow

_STEPS = "apps.datasources.services.profile_run"

PROFILE = register_flow(
    Flow(
        name=FLOW,
        title="Profile warehouse",
        description="Reads the structure, measures tables through the gate, finds personal data, recommends tables.",
        input=ProfileInput,
        steps=(
            Step("introspect", f"{_STEPS}.introspect", title="Read the structure"),
            Step("profile", f"{_STEPS}.profile", after=("introspect",), title="Measure tables", timeout_s=3600),
            Step("personal_data", f"{_STEPS}.find_personal_data", after=("profile",), title="Find personal data"),
            Step("recommend", f"{_STEPS}.recommend", after=("personal_data",), title="Recommend tables"),
        ),
    )
)
