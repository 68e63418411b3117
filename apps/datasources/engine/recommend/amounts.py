"""Choosing the figure worth adding up: a total, else price times quantity, else something countable."""

from dataclasses import dataclass

from apps.datasources.contracts import SemanticType, TableRole
from apps.datasources.engine.classify.subject import Subject
from apps.datasources.engine.semantics import words
from apps.datasources.engine.semantics.columns import Meaning
from apps.policies.engine.pii.tokens import lexicon, tokens

_DIVISORS = {"micros": 1_000_000, "micro": 1_000_000, "cents": 100, "cent": 100, "minor": 100, "pence": 100}
_CERTAIN_TOTALS = lexicon("total grandtotal revenue sales umsatz gesamtbetrag gesamt betrag")
_ONE_PIECE_WORDS = lexicon("unit list each per einzelpreis stueckpreis unitaire unitario msrp einzel stueck")
_WAGE_WORDS = lexicon("salary gehalt salaire salario wage")


@dataclass(frozen=True, slots=True)
class Amount:
    """How much a row is worth: `column`, times `quantity` less `discount` (a share) where those are set."""

    column: str
    reason: str
    kind: str
    quantity: str | None = None
    discount: str | None = None
    divisor: int = 1


def amount(table: Subject, role: TableRole) -> Amount | None:
    """The figure worth adding up: money first, then countable quantities. None for people and reference data."""
    if role in {TableRole.USER, TableRole.CONFIG}:
        return None
    money = [column for column in table.money if _usable(column)]
    if money:
        chosen = _money_amount(table, money)
        if chosen is not None:
            return chosen
    return _quantity_amount(table)


def _usable(column: Meaning) -> bool:
    profile = column.profile
    return column.pii is None and not (column.constant and profile.minimum in {0.0, None}) and profile.null_share < 1


def _money_amount(table: Subject, money: list[Meaning]) -> Amount | None:
    ranked = sorted(money, key=lambda column: (-_money_score(column, table), column.profile.position))
    best = ranked[0]
    quantity = next((column for column in table.quantities if column.words & words.QUANTITY_OF_LINE), None)
    if _is_price(best) and quantity is not None:
        discount = next((column for column in table.money if _is_share_of_discount(column)), None)
        reason = f"{best.name} × {quantity.name}" + (f", less {discount.name}" if discount else "")
        reason += ": there is a price and a quantity, but no total."
        return Amount(best.name, reason, "money", quantity.name, discount.name if discount else None, divisor_of(best))
    if _money_score(best, table) < 0:
        return None
    others = [column.name for column in ranked[1:] if _money_score(column, table) > 0]
    reason = f"{best.name} is the money of a row"
    if others:
        reason += f", chosen over {', '.join(others[:3])}"
    return Amount(best.name, reason + ".", "money", divisor=divisor_of(best))


def _is_price(column: Meaning) -> bool:
    return bool(column.words & words.PRICE_WORDS) and not column.words & words.TOTAL_WORDS


def _is_share_of_discount(column: Meaning) -> bool:
    top = column.profile.maximum
    return bool(column.words & words.DISCOUNT_WORDS) and isinstance(top, float) and 0 <= top <= 1


def _money_score(column: Meaning, table: Subject) -> float:
    known, order = column.words, tokens(column.name)
    score = 1.0 - column.profile.null_share - 0.02 * column.profile.position
    if known & words.TOTAL_WORDS:
        score += 2.0
    if known & _CERTAIN_TOTALS:
        score += 0.7
    if known & words.NET_WORDS:
        score -= 0.8
    if known & _ONE_PIECE_WORDS:
        score -= 1.5
    if known & words.SECONDARY_MONEY_WORDS:
        score -= 2.6 if not known & {"total"} or order[-1:] != ("total",) else 1.0
    if known & _WAGE_WORDS:
        score -= 1.0
    if known & {"usd", "eur", "gbp"} and "local" not in known:
        score += 0.2
    if column.constant and table.rows > 10:
        score -= 1.0
    return score


def divisor_of(column: Meaning) -> int:
    """100 for whole numbers of cents, a million for micros, else 1."""
    if column.profile.type not in {"INT64", "INTEGER"}:
        return 1
    return next((_DIVISORS[word] for word in tokens(column.name) if word in _DIVISORS), 1)


def _quantity_amount(table: Subject) -> Amount | None:
    candidates = [
        column
        for column in table.of(SemanticType.AMOUNT)
        if _usable(column)
        and not column.words & words.NOT_ADDITIVE_WORDS
        and column not in table.money
        and (column in table.quantities or _only_measure(table))
    ]
    if not candidates:
        return None
    best = max(candidates, key=lambda column: (bool(column.words & words.QUANTITY_WORDS), -column.profile.position))
    return Amount(best.name, f"{best.name} can be added up over rows.", "quantity")


def _only_measure(table: Subject) -> bool:
    """A single unnamed measure beside a time: the lone CSV of date and figure."""
    return len(table.of(SemanticType.AMOUNT)) == 1 and bool(table.of(SemanticType.TIME)) and not table.links
