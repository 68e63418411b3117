"""What generating will read: a preview of every card's query, nothing run."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.dashboards.contracts import Board, CardCost, Estimates, Plan
from apps.dashboards.engine import query
from apps.dashboards.engine.spec import CardSpec
from apps.dashboards.errors import reason_of
from apps.dashboards.services import asking, snapshot
from apps.datasources.services import execution

RUNNABLE = frozenset({"allow", "rewrite"})


def estimated(actor: Actor, datasource_id: UUID, made: Plan) -> Estimates:
    """The cost of each card; a query that several cards share counts once in the sum."""
    tables = snapshot.read(made.tables)
    questions = {}
    for board in made.boards:
        for card in board.cards:
            sql = query.text(query.build(card, tables[card.table_id], made.period))
            questions[board.template, card.key] = asking.Question(sql, sql, f"card:{card.key}")
    distinct = list({question.ref: question for question in questions.values()}.values())
    found = asking.side_by_side(distinct, lambda question: preview(actor, datasource_id, question))
    cards = [
        _cost(board, card, found[questions[board.template, card.key].ref])
        for board in made.boards
        for card in board.cards
    ]
    unique = {card.query_hash: card for card in cards if not card.left_out}.values()
    usd = sum((Decimal(card.usd) for card in unique), Decimal(0))
    return Estimates(cards=cards, total_bytes=sum(card.bytes for card in unique), total_usd=str(usd))


def preview(actor: Actor, datasource_id: UUID, question: asking.Question) -> execution.Preview:
    """The gate's view of one query."""
    return execution.preview(actor, datasource_id, question.sql)


def _cost(board: Board, card: CardSpec, found: execution.Preview | AtomError) -> CardCost:
    head = {"template": board.template, "key": card.key, "title": card.title}
    if isinstance(found, AtomError):
        return CardCost(**head, left_out=reason_of(found))
    fields = found.fields
    return CardCost(
        **head,
        query_hash=found.query_hash,
        bytes=fields["estimated_bytes"] or 0,
        usd=f"{fields['estimated_cost_usd'] or 0:.9f}",
        left_out="" if fields["decision"] in RUNNABLE else _why(fields["rules"]),
    )


def _why(rules: Sequence[Mapping[str, Any]]) -> str:
    """The first rule that stands in the way, in its own words."""
    blocking = [rule["message"] for rule in rules if rule["outcome"] in {"ask", "block"}]
    return blocking[0] if blocking else "The policy gate does not let this query run by itself."
