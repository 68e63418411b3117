"""The steps of GenerateDashboard: plan, estimate, run, store.

plan      confirmed tables → templates that fit → cards
estimate  a preview of every query: what it will read; a card over the cap is left out with the reason
run       every query once, through the gate: a card whose answer has not the promised shape is left out
store     layout, dashboard, cards and artifact version in one transaction
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.dashboards.contracts import Board, CardOutcome, Estimates, GenerateInput, Outcomes, Plan, Stored
from apps.dashboards.engine import answer, query, reach, templates
from apps.dashboards.engine.period import Period, local_day
from apps.dashboards.engine.spec import CardSpec
from apps.dashboards.enums import QueryShape
from apps.dashboards.errors import NothingToShow, reason_of
from apps.dashboards.services import asking, boards, previews, snapshot
from apps.datasources.contracts import ConfirmedTable
from apps.datasources.selectors import catalog
from apps.workflows.contracts import StepContext

DEFAULT_DAYS: Final = 14
ATTEMPTS: Final = 3


def planned(actor: Actor, wish: GenerateInput) -> Plan:
    """What would be generated; raises NothingToShow when the confirmed tables give nothing."""
    tables = list(catalog.confirmed_models(actor.tenant, wish.datasource_id))
    boards_found = [
        Board(
            template=known.key,
            template_version=known.version,
            title=known.title,
            description=known.description,
            cards=known.build(tables),
        )
        for known in templates.fitting(tables)
        if not wish.templates or known.key in wish.templates
    ]
    if not boards_found:
        raise NothingToShow(
            "No confirmed table gives a card for this dashboard.",
            next_steps=["Review the recommended tables and confirm some first."],
        )
    latest = latest_day(tables, wish.tz)
    period = opening_period(latest, local_day(clock.now(), wish.tz), wish.tz)
    return Plan(
        boards=boards_found,
        tables=snapshot.taken(tables),
        catalog_hash=snapshot.catalog_hash(tables),
        first=period.first,
        last=period.last,
        tz=wish.tz,
        latest_day=latest,
    )


def plan(ctx: StepContext, wish: GenerateInput) -> Plan:
    """Step 1."""
    found = planned(ctx.actor, wish)
    ctx.progress(1.0, f"{sum(len(board.cards) for board in found.boards)} cards planned")
    return found


def estimate(ctx: StepContext, wish: GenerateInput) -> Estimates:
    """Step 2."""
    found = previews.estimated(ctx.actor, wish.datasource_id, ctx.output_of("plan", Plan))
    ctx.progress(1.0, f"{found.total_bytes:,} bytes to read", estimated_bytes=found.total_bytes)
    return found


def run(ctx: StepContext, wish: GenerateInput) -> Outcomes:
    """Step 3."""
    plan_made, costs = ctx.output_of("plan", Plan), ctx.output_of("estimate", Estimates)
    left_out = {(card.template, card.key) for card in costs.cards if card.left_out}
    cards = [(board, card) for board in plan_made.boards for card in board.cards]
    asked = [(board, card) for board, card in cards if (board.template, card.key) not in left_out]
    questions = _questions(plan_made, [card for _, card in asked])
    distinct = list({question.ref: question for question in questions}.values())
    replies = asking.ask_all(
        ctx.actor,
        wish.datasource_id,
        distinct,
        on_reply=lambda done, _: ctx.progress(done / len(distinct), f"{done} of {len(distinct)} queries answered"),
    )
    if ctx.attempt < ATTEMPTS:
        _raise_transient(replies.values())
    return Outcomes(
        cards=[
            _outcome(board, card, replies[question.ref], plan_made)
            for (board, card), question in zip(asked, questions, strict=True)
        ]
    )


def store(ctx: StepContext, wish: GenerateInput) -> Stored:
    """Step 4."""
    stored = boards.store(
        ctx.actor,
        wish.datasource_id,
        ctx.output_of("plan", Plan),
        costs=ctx.output_of("estimate", Estimates),
        outcomes=ctx.output_of("run", Outcomes),
        run_id=ctx.run_id,
    )
    for board in stored.dashboards:
        ctx.link(f"Open {board.title}", f"autopilot/dashboards/{board.dashboard_id}")
        if board.left_out:
            ctx.warn(f"{board.title}: {board.left_out} cards were left out; the dashboard says why.")
    ctx.progress(1.0, "Stored")
    return stored


def latest_day(tables: Sequence[ConfirmedTable], tz: str) -> date | None:
    """The newest day that any table was seen to cover whole."""
    return max((day for table in tables if (day := reach.of_table(table, tz)) is not None), default=None)


def opening_period(latest: date | None, today: date, tz: str) -> Period:
    """The last 14 complete days; where the data ended before yesterday, the 14 days up to its end."""
    yesterday = today - timedelta(days=1)
    return Period.ending(yesterday if latest is None else min(latest, yesterday), DEFAULT_DAYS, tz)


def _questions(made: Plan, cards: Sequence[CardSpec]) -> list[asking.Question]:
    """The queries of the cards, named by their own text: an equal question is asked once."""
    tables = snapshot.read(made.tables)
    texts = [query.text(query.build(card, tables[card.table_id], made.period)) for card in cards]
    return [asking.Question(sql, sql, f"card:{card.key}") for card, sql in zip(cards, texts, strict=True)]


def _outcome(board: Board, card: CardSpec, reply: asking.Reply | AtomError, made: Plan) -> CardOutcome:
    if isinstance(reply, AtomError):
        return CardOutcome(template=board.template, key=card.key, left_out=reason_of(reply))
    left_out = ""
    try:
        answer.check(card, reply.rows, made.period)
        if card.shape is QueryShape.HEATMAP and reply.rows and answer.hours_say_nothing(reply.rows):
            left_out = "The times carry no hour of the day."
    except answer.ShapeError as error:
        left_out = str(error)
    return CardOutcome(
        template=board.template, key=card.key, query_hash=reply.query_hash, sql=reply.sql, left_out=left_out
    )


def _raise_transient(replies: Any) -> None:
    """While attempts are left, an outage is waited out rather than leaving cards behind."""
    for reply in replies:
        if isinstance(reply, AtomError) and reply.transient:
            raise reply
