"""Choosing time column, entity key and dimensions of a table by scores; each choice says why."""

from dataclasses import dataclass

from apps.datasources.contracts import SemanticType, TableRole
from apps.datasources.engine.classify.subject import Subject, called_after, subject_words
from apps.datasources.engine.profiling.families import Family, base_type, family_of
from apps.datasources.engine.semantics import words
from apps.datasources.engine.semantics.columns import Meaning
from apps.policies.engine.pii.tokens import lexicon, tokens

MAX_DIMENSIONS = 6
MAX_VALUES = 60
_FAR_FUTURE = "2100"
_PERSON_KEYS = lexicon(
    "user customer client account member kunde kunden nutzer benutzer utilisateur cliente klant subscriber patient "
    "emp cust usr player visitor student employee mitarbeiter buyer contact person guest passenger driver donor"
)
_THING_KEYS = lexicon(
    "device sensor session machine vehicle station meter site cookie anonymous geraet appareil company store"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A column with the sentence that explains it."""

    column: str
    reason: str


def time_column(table: Subject, role: TableRole) -> Choice | None:
    """The column that says when a row happened; times of changes, plans and birthdays lose to it."""
    scored = sorted(
        ((_time_score(column, table, role), column) for column in table.of(SemanticType.TIME)),
        key=lambda item: (-item[0], item[1].profile.position),
    )
    if not scored or scored[0][0] <= -2.0:
        return None
    best = scored[0][1]
    reason = f"{best.name} says when a row happened"
    if table.partition_column == best.name:
        reason += ", and the table is partitioned by it"
    if best.profile.null_share:
        reason += f"; empty in {best.profile.null_share:.0%} of the rows"
    return Choice(best.name, reason + ".")


def time_candidates(table: Subject) -> list[str]:
    """All columns that could be the time column."""
    return [column.name for column in table.of(SemanticType.TIME)]


def _time_score(column: Meaning, table: Subject, role: TableRole) -> float:
    known, profile = column.words, column.profile
    score = 1.0 - 3.0 * profile.null_share - 0.05 * profile.position
    good = words.JOIN_TIME_WORDS if role is TableRole.USER else words.GOOD_TIME_WORDS
    if known & good:
        score += 1.5
    if known & words.WEAK_TIME_WORDS:
        score -= 2.5
    if role is not TableRole.USER and {"created", "at"} <= known:
        score -= 0.3
    if known & table.words:
        score += 0.5
    if table.partition_column == column.name:
        score += 1.2
    if column.constant and table.rows > 10:
        score -= 2.0
    if family_of(profile.type) is not Family.TIME:
        score -= 0.4
    if str(profile.maximum or "") >= _FAR_FUTURE and str(profile.maximum)[:1] in "29":
        score -= 2.0
    if column.pii is not None:
        score -= 3.0
    return score


def entity_key(table: Subject, role: TableRole) -> Choice | None:
    """Who or what rows are about: the own key for people and reference data, else a person, a device, or nobody."""
    key = table.key
    if role in {TableRole.USER, TableRole.CONFIG}:
        return Choice(key.name, f"{key.name} names each row.") if key is not None else _person(table)
    return _person(table) or _thing(table) or (Choice(key.name, f"{key.name} names each row.") if key else None)


def _person(table: Subject) -> Choice | None:
    return _linked(table, _PERSON_KEYS, "{} says whose row it is.")


def _thing(table: Subject) -> Choice | None:
    return _linked(table, _THING_KEYS, "{} says what the row is about.")


def _linked(table: Subject, names: frozenset[str], sentence: str) -> Choice | None:
    usable = [column for column in table.of(SemanticType.ID) if column.profile.null_share < 0.9]
    found = [
        column for column in usable if _speaks(column, names) and not (column.unique and called_after(column, table))
    ]
    if not found:
        return None
    best = min(
        found, key=lambda column: (column.profile.null_share > 0.3, len(tokens(column.name)), column.profile.position)
    )
    return Choice(best.name, sentence.format(best.name))


def _speaks(column: Meaning, names: frozenset[str]) -> bool:
    joined = "".join(tokens(column.name))
    whose = {*column.words, *subject_words(column.name)}
    return bool(whose & names) or any(joined == name + ending for name in names for ending in ("id", "key"))


def dimensions(table: Subject) -> tuple[str, ...]:
    """Columns worth splitting figures by, best first: few values, hardly empty, nothing personal."""
    candidates = [
        column for column in table.of(SemanticType.DIMENSION, SemanticType.FLAG) if _splits(column, table.rows)
    ]
    ranked = sorted(candidates, key=lambda column: (-_dimension_score(column), column.profile.position))
    return tuple(column.name for column in ranked[:MAX_DIMENSIONS])


def _splits(column: Meaning, rows: int) -> bool:
    distinct = column.profile.distinct or 0
    if (
        column.pii is not None
        or column.profile.null_share > 0.6
        or base_type(column.profile.type) in {"ARRAY", "STRUCT"}
    ):
        return False
    if column.words & words.FREE_TEXT_WORDS and distinct > 12:
        return False
    return rows == 0 or 2 <= distinct <= MAX_VALUES


def _dimension_score(column: Meaning) -> float:
    distinct = column.profile.distinct or 0
    score = 1.0 - column.profile.null_share
    if column.words & words.BEST_DIMENSION_WORDS:
        score += 2.0
    elif column.words & words.DIMENSION_WORDS:
        score += 1.0
    if 3 <= distinct <= 20:
        score += 0.8
    if column.semantic is SemanticType.FLAG:
        score -= 0.8
    if family_of(column.profile.type) is Family.NUMBER:
        score -= 0.7
    return score + _balance(column)


def _balance(column: Meaning) -> float:
    """A dimension where one value has nearly all rows tells little."""
    counts = [count for _, count in column.profile.top_values]
    if len(counts) < 2:
        return 0.0
    return -1.0 if max(counts) > 0.97 * sum(counts) else 0.0
