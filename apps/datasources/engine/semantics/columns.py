"""The semantic type of a column: id, time, amount, dimension, text or flag, from its name and its figures.

Rules are tried in order; the first that speaks decides. Figures win over names where the two disagree.
"""

from dataclasses import dataclass

from apps.datasources.contracts import SemanticType
from apps.datasources.engine.profiling.facts import ColumnProfile
from apps.datasources.engine.profiling.families import Family, family_of
from apps.datasources.engine.semantics import words
from apps.policies.engine.pii.tokens import tokens

LOW_CARDINALITY = 60
_IDENTIFIER_LENGTH = 40
_SHORT_TEXT = 60


@dataclass(frozen=True, slots=True)
class Meaning:
    """A column with what it means; `rows` is the table's size, for shares of distinct values."""

    profile: ColumnProfile
    semantic: SemanticType
    words: frozenset[str]
    rows: int
    pii: str | None = None

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def unique(self) -> bool:
        """Every row has its own value, as far as the figures tell."""
        distinct, rows = self.profile.distinct, self.rows
        return bool(rows and distinct and self.profile.null_share == 0 and distinct >= 0.97 * rows)

    @property
    def constant(self) -> bool:
        return self.rows > 1 and (self.profile.distinct or 0) <= 1


def words_of(name: str) -> frozenset[str]:
    """The words of a column name; German and run-together names also give the word they end with."""
    found = set(tokens(name.rsplit(".", 1)[-1]))
    for word in tuple(found):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 2:
                found.add(ending)
    return frozenset(found)


_ENDINGS = (
    "datum", "zeit", "betrag", "summe", "preis", "umsatz", "menge", "anzahl", "nummer", "nr", "kategorie", "price",
    "amount", "total", "quantity", "date", "kosten", "gebuehr", "status", "land", "steuer", "rabatt", "gehalt",
)  # fmt: skip


def mean(column: ColumnProfile, rows: int, *, pii: str | None = None) -> Meaning:
    """What `column` of a table with `rows` rows means."""
    known = words_of(column.name)
    semantic = _semantic(column, known, tokens(column.name), rows)
    if pii is not None and semantic in {SemanticType.AMOUNT, SemanticType.DIMENSION}:
        semantic = SemanticType.TEXT
    return Meaning(column, semantic, known, rows, pii)


def _semantic(column: ColumnProfile, known: frozenset[str], order: tuple[str, ...], rows: int) -> SemanticType:
    family = family_of(column.type)
    if family in {Family.ARRAY, Family.NESTED, Family.OPAQUE}:
        return SemanticType.TEXT
    if column.time_format:
        return SemanticType.TIME
    if _is_flag(column, known, family):
        return SemanticType.FLAG
    if _is_identifier(column, known, order, rows, family):
        return SemanticType.ID
    if family is Family.NUMBER or column.number_format:
        return _number(column, known, rows)
    return _text(column, known, rows)


def _is_flag(column: ColumnProfile, known: frozenset[str], family: Family) -> bool:
    if family is Family.FLAG:
        return True
    if not column.distinct or column.distinct > 2:
        return False
    values = {value.lower() for value, _ in column.top_values}
    if family is Family.NUMBER:
        within = {column.minimum, column.maximum} <= {0.0, 1.0}
        return within and (column.distinct == 2 or bool(known & words.FLAG_WORDS))
    return bool(values) and any(values <= pair for pair in words.FLAG_PAIRS)


def _is_identifier(
    column: ColumnProfile, known: frozenset[str], order: tuple[str, ...], rows: int, family: Family
) -> bool:
    if family is Family.NUMBER and column.type.startswith(("FLOAT", "NUMERIC", "BIGNUMERIC")):
        return order[-1:] == ("id",)
    measured = known & (words.TOTAL_WORDS | words.PRICE_WORDS | words.NOT_ADDITIVE_WORDS)
    if order and (order[-1] in words.ID_WORDS or order[0] in {"id", "uuid"} or order[-1].endswith("uuid")):
        return True
    if order and len(order[-1]) > 4 and order[-1].endswith("id") and _looks_unique(column, rows):
        return True
    coded = bool(order) and (order[-1] in words.CODE_WORDS or order[-1].endswith(("nummer", "nr")))
    if coded and not measured and not known & words.QUANTITY_OF_LINE:
        return not _few(column, rows)
    if not _looks_unique(column, rows) or rows < 20 or measured or known & words.QUANTITY_WORDS:
        return False
    if family is Family.NUMBER:
        return bool(column.position == 0 and _is_sequence(column, rows))
    longest = column.length[1] if column.length else _SHORT_TEXT
    even = column.length is not None and column.length[0] == column.length[1]
    return longest <= _IDENTIFIER_LENGTH and even and not known & words.FREE_TEXT_WORDS


def _looks_unique(column: ColumnProfile, rows: int) -> bool:
    return bool(rows and column.distinct and column.distinct >= 0.97 * rows)


def _is_sequence(column: ColumnProfile, rows: int) -> bool:
    low, high = column.minimum, column.maximum
    return isinstance(low, float) and isinstance(high, float) and low >= 0 and high - low <= 3 * rows


def _few(column: ColumnProfile, rows: int) -> bool:
    distinct = column.distinct or 0
    return rows >= 20 and distinct <= min(LOW_CARDINALITY, max(2, rows // 5))


def _number(column: ColumnProfile, known: frozenset[str], rows: int) -> SemanticType:
    money = known & words.MONEY_WORDS
    if known & words.ORDINAL_WORDS and not money and not known & words.QUANTITY_WORDS:
        return SemanticType.DIMENSION
    if money or known & (words.QUANTITY_WORDS | words.NOT_ADDITIVE_WORDS):
        return SemanticType.AMOUNT
    whole = column.type in {"INT64", "INTEGER"}
    if whole and known & words.DIMENSION_WORDS and _few(column, rows):
        return SemanticType.DIMENSION
    return SemanticType.AMOUNT


def _text(column: ColumnProfile, known: frozenset[str], rows: int) -> SemanticType:
    average = column.length[2] if column.length else 0
    if known & words.FREE_TEXT_WORDS and not _few(column, rows):
        return SemanticType.TEXT
    if known & words.DIMENSION_WORDS and average <= _SHORT_TEXT and not _mostly_unique(column, rows):
        return SemanticType.DIMENSION
    if rows == 0:
        return SemanticType.DIMENSION if known & words.DIMENSION_WORDS else SemanticType.TEXT
    if average <= _SHORT_TEXT and not _mostly_unique(column, rows):
        return SemanticType.DIMENSION
    return SemanticType.TEXT


def _mostly_unique(column: ColumnProfile, rows: int) -> bool:
    distinct = column.distinct or 0
    return distinct > 1 and distinct > max(LOW_CARDINALITY // 2 if rows > 60 else 0, 0.5 * rows)
