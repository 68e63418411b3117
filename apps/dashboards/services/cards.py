"""Answering a card: its question for the period asked, through the gate, checked, and ready to draw."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import AtomError, InvalidInput
from apps.dashboards.engine import answer, lineage, measures, query, reach, source
from apps.dashboards.engine.period import Period, local_day
from apps.dashboards.engine.spec import CardSpec
from apps.dashboards.enums import CardState
from apps.dashboards.errors import CardFailed, MalformedAnswer
from apps.dashboards.models import Dashboard
from apps.dashboards.selectors.dashboards import CardQuestion
from apps.dashboards.services import asking, generation, snapshot
from apps.datasources.contracts import ConfirmedTable


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """A card's answer and all that says why: `shown` is what to draw, `reply` where it came from."""

    spec: CardSpec
    period: Period
    state: CardState
    shown: answer.Answer
    reply: asking.Reply
    columns: tuple[str, ...]
    table: str
    hint: str
    answered_at: datetime


def answered(actor: Actor, asked: CardQuestion, period: Period) -> CardAnswer:
    """Ask and check; raises CardFailed when the engine refuses the query, MalformedAnswer when the shape is wrong."""
    spec, dashboard = CardSpec.model_validate(asked.spec), asked.dashboard
    table = snapshot.read(asked.tables)[spec.table_id]
    sql = query.text(query.build(spec, table, period))
    question = asking.Question(spec.key, sql, f"dashboard:{dashboard.id}/{spec.key}")
    reply = _ask(actor, dashboard.datasource_id, question)
    try:
        answer.check(spec, reply.rows, period)
    except answer.ShapeError as error:
        raise MalformedAnswer(str(error)) from None
    shown = answer.answer(spec, reply.rows, period)
    state = CardState.EMPTY if shown.empty else CardState.OK
    columns = tuple(lineage.columns_of(spec, table))
    name, hint = f"{table.dataset}.{table.name}", _hint(table, period) if shown.empty else ""
    return CardAnswer(spec, period, state, shown, reply, columns, name, hint, clock.now())


def _hint(table: ConfirmedTable, period: Period) -> str:
    """Why a period may be empty, as far as the profile tells."""
    last = table.latest_at
    if last is None or last >= period.starts_at:
        return ""
    return f"{table.name} was last filled on {last.day} {last:%B %Y}."


def period_of(actor: Actor, dashboard: Dashboard, *, first: date | None, last: date | None, tz: str) -> Period:
    """The period asked for; what is left out comes from the dashboard's opening period."""
    if first is not None and last is not None:
        return Period(first, last, tz)
    if last is not None:
        return Period.ending(last, generation.DEFAULT_DAYS, tz)
    opening = generation.opening_period(latest_day(actor, dashboard, tz), local_day(clock.now(), tz), tz)
    return opening if first is None else Period(first, max(opening.last, first), tz)


def latest_day(actor: Actor, dashboard: Dashboard, tz: str) -> date | None:
    """The newest day of its data: as profiled while that is yesterday or later, else asked of its largest table."""
    today = local_day(clock.now(), tz)
    if dashboard.latest_day is not None and dashboard.latest_day >= today - timedelta(days=1):
        return dashboard.latest_day
    timed = measures.by_size(t for t in snapshot.read(dashboard.tables).values() if measures.has_time(t))
    if not timed:
        return dashboard.latest_day
    question = asking.Question("latest", query.text(query.bounds(timed[0], today, tz)), f"dashboard:{dashboard.id}")
    try:
        newest = asking.ask(actor, dashboard.datasource_id, question).rows[0]["last_at"]
    except AtomError:
        # The page opens on what is known; its cards say what is wrong.
        return dashboard.latest_day
    if newest is None:
        return dashboard.latest_day
    when = source.moment(timed[0])
    found = reach.complete_day(newest, tz, kind=when.kind if when else "TIMESTAMP")
    return max(found, dashboard.latest_day) if dashboard.latest_day else found


def _ask(actor: Actor, datasource_id: UUID, question: asking.Question) -> asking.Reply:
    try:
        return asking.ask(actor, datasource_id, question)
    except InvalidInput:
        # What the engine says about the SQL is ours, not the reader's.
        raise CardFailed(
            "The data no longer is what this card was made for.",
            next_steps=["Generate the dashboard again."],
        ) from None
