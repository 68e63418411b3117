"""Asking for a memo."""

from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope
from apps.dashboards.engine.period import local_day, zone
from apps.datasources.selectors import catalog, registry
from apps.memos.contracts import GenerateInput, week_end
from apps.memos.engine import plan
from apps.memos.errors import NothingToReport
from apps.memos.flows import GENERATE
from apps.memos.services.generation import CONFIRM
from apps.workflows.contracts import Run
from apps.workflows.services import runs


def start(actor: Actor, datasource_id: UUID, *, week: str = "", tz: str = "") -> Run:
    """Start writing the memo, or join the run that does it already; what can be refused is refused before a run."""
    actor.require(Scope.MEMO_GENERATE)
    registry.get_datasource_for(actor, datasource_id)
    name = tz or (actor.tenant.timezone if actor.tenant else "UTC")
    zone(name)
    try:
        last = week_end(week)
    except ValueError:
        raise InvalidInput("That is not a week; write 2026-W46 or the date of its last day.") from None
    if last is not None and last >= local_day(clock.now(), name):
        raise NothingToReport("That week is not over yet.")
    if not plan.kpis(list(catalog.confirmed_models(actor.tenant, datasource_id))):
        raise NothingToReport("No confirmed table has figures over time.", next_steps=[CONFIRM])
    wish = GenerateInput(datasource_id=datasource_id, week=week, tz=name)
    return runs.start(GENERATE.name, wish, actor=actor, run_key=f"{datasource_id}:{week or 'latest'}:{name}")
