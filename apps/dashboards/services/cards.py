"""Answering a card: its question for the period asked, through the gate, checked, and ready to draw."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.dashboards.engine import answer, lineage, query
from apps.dashboards.engine.period import Period, local_day
from apps.dashboards.engine.spec import CardSpec
from apps.dashboards.enums import CardState
from apps.dashboards.errors import CardFailed, MalformedAnswer
from apps.dashboards.models import Dashboard
from apps.dashboards.selectors.dashboards import CardQuestion
from apps.dashboards.services import asking, generation, snapshot


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
    return CardAnswer(spec, period, state, shown, reply, columns, f"{table.dataset}.{table.name}", clock.now())


def period_of(dashboard: Dashboard, *, first: date | None, last: date | None, tz: str) -> Period:
    """The period asked for; what is left out comes from the dashboard's opening period."""
    opening = generation.opening_period(dashboard.latest_day, local_day(clock.now(), tz), tz)
    if first is None and last is None:
        return opening
    if first is not None and last is not None:
        return Period(first, last, tz)
    if first is not None:
        return Period(first, max(opening.last, first), tz)
    return Period.ending(last or opening.last, generation.DEFAULT_DAYS, tz)


def _ask(actor: Actor, datasource_id: UUID, question: asking.Question) -> asking.Reply:
    try:
        return asking.ask(actor, datasource_id, question)
    except InvalidInput:
        # What the engine says about the SQL is ours, not the reader's.
        raise CardFailed(
            "The data no longer is what this card was made for.",
            next_steps=["Generate the dashboard again."],
        ) from None
