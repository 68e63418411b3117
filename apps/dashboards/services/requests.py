"""Asking for dashboards: the estimate that is shown before, and the run that generates them."""

from collections.abc import Sequence
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope
from apps.dashboards.contracts import Estimates, GenerateInput, Plan
from apps.dashboards.engine import templates
from apps.dashboards.flows import GENERATE
from apps.dashboards.services import generation, previews
from apps.datasources.selectors import registry
from apps.workflows.contracts import Run
from apps.workflows.services import runs


def wish_of(actor: Actor, datasource_id: UUID, names: Sequence[str] = (), tz: str = "") -> GenerateInput:
    """A checked wish; raises NotFound for a datasource that is not there, InvalidInput for an unknown template."""
    actor.require(Scope.DASHBOARD_GENERATE)
    registry.get_datasource_for(actor, datasource_id)
    if unknown := [name for name in names if templates.template(name) is None]:
        known = ", ".join(template.key for template in templates.TEMPLATES)
        raise InvalidInput(f"There is no template “{unknown[0][:60]}”.", next_steps=[f"Known templates: {known}."])
    zone = tz or (actor.tenant.timezone if actor.tenant else "UTC")
    return GenerateInput(datasource_id=datasource_id, templates=sorted(set(names)), tz=zone)


def start(actor: Actor, wish: GenerateInput) -> Run:
    """Start generating, or join the run that does it already. Raises NothingToShow before a run is made."""
    generation.planned(actor, wish)
    key = f"{wish.datasource_id}:{','.join(wish.templates)}:{wish.tz}"
    return runs.start(GENERATE.name, wish, actor=actor, run_key=key)


def estimate(actor: Actor, wish: GenerateInput) -> tuple[Plan, Estimates]:
    """What would be generated and what it would read."""
    made = generation.planned(actor, wish)
    return made, previews.estimated(actor, wish.datasource_id, made)
