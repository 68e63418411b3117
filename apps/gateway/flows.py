"""The flow that exports a workspace."""

from apps.gateway.services.exports.starting import FLOW, ExportInput
from apps.workflows.registry import Flow, Step, register_flow

_STEPS = "apps.gateway.services.exports.packing"

EXPORT = register_flow(
    Flow(
        name=FLOW,
        title="Export the workspace",
        description="Writes tables, the studio database, objects and warehouse files into one archive with a manifest.",
        input=ExportInput,
        steps=(
            Step("tables", f"{_STEPS}.write_tables", title="Write the tables", timeout_s=3600),
            Step("studio", f"{_STEPS}.write_studio", title="Dump the studio database", timeout_s=3600),
            Step("pack", f"{_STEPS}.pack", after=("tables", "studio"), title="Pack the archive", timeout_s=3600),
        ),
    )
)
