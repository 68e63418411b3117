"""A table as classification sees it: its words, its columns with their meaning, and what they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from apps.datasources.contracts import SemanticType
from apps.datasources.engine.profiling.facts import ColumnProfile, TableProfile
from apps.datasources.engine.semantics import words
from apps.datasources.engine.semantics.columns import Meaning, mean
from apps.policies.engine.pii.tokens import tokens


@dataclass(frozen=True)
class Subject:
    """One table. `columns` leaves out fields inside structs: dashboards build on whole columns."""

    profile: TableProfile
    columns: tuple[Meaning, ...]
    partition_column: str | None = None

    @cached_property
    def words(self) -> frozenset[str]:
        """Words of the table's name without layer prefixes, with the joined name and compound endings."""
        parts = [word for word in tokens(self.profile.name) if word not in words.NOISE_TABLE_WORDS and word.isalpha()]
        return frozenset({*parts, "".join(parts)} - {""})

    @cached_property
    def last_word(self) -> str:
        parts = [word for word in tokens(self.profile.name) if word not in words.NOISE_TABLE_WORDS and word.isalpha()]
        return parts[-1] if parts else ""

    @property
    def rows(self) -> int:
        return self.profile.rows

    def of(self, *semantics: SemanticType) -> list[Meaning]:
        return [column for column in self.columns if column.semantic in semantics]

    @cached_property
    def money(self) -> list[Meaning]:
        """Amounts that speak of money. “value” and “total” alone do so only where the table deals with money."""
        certain = [column for column in self.of(SemanticType.AMOUNT) if _speaks_of_money(column)]
        if not certain and not self.words & (words.TRANSACTION_TABLES | words.STATE_TABLES):
            return []
        vague = [column for column in self.of(SemanticType.AMOUNT) if _may_be_money(column)]
        return sorted({*certain, *vague}, key=lambda column: column.profile.position)

    @cached_property
    def quantities(self) -> list[Meaning]:
        return [
            column
            for column in self.of(SemanticType.AMOUNT)
            if column not in self.money and column.words & (words.QUANTITY_WORDS | words.PEOPLE_TABLES)
        ]

    @cached_property
    def key(self) -> Meaning | None:
        """The column that names each row: unique, an id, best one called after the table."""
        candidates = [column for column in self.columns if column.semantic is SemanticType.ID and column.unique]
        if not candidates and self.rows <= 1:
            candidates = [column for column in self.columns if column.semantic is SemanticType.ID]
        own = [column for column in candidates if called_after(column, self)]
        return next(iter(own or candidates), None)

    @cached_property
    def links(self) -> list[Meaning]:
        """Ids that point elsewhere."""
        return [
            column
            for column in self.of(SemanticType.ID)
            if column is not self.key and not column.unique and column.profile.null_share < 0.5
        ]


def subject(
    profile: TableProfile,
    *,
    pii: Mapping[str, str] | None = None,
    partition_column: str | None = None,
    decided: Mapping[str, SemanticType] | None = None,
) -> Subject:
    """The table of `profile`; `pii` is the class of each protected column, `decided` what people said columns are."""
    protected, meanings = pii or {}, decided or {}
    top_level: Iterable[ColumnProfile] = (column for column in profile.columns if not column.nested)
    columns = tuple(mean(column, profile.rows, pii=protected.get(column.name)) for column in top_level)
    settled = tuple(replace(item, semantic=meanings.get(item.name, item.semantic)) for item in columns)
    return Subject(profile, settled, partition_column)


def _speaks_of_money(column: Meaning) -> bool:
    return bool(column.words & (words.MONEY_WORDS - words.VAGUE_MONEY_WORDS)) and not _counts(column)


def _may_be_money(column: Meaning) -> bool:
    return bool(column.words & words.MONEY_WORDS) and not _counts(column)


def _counts(column: Meaning) -> bool:
    """Shares, levels and heads: `conversion_rate`, `total_users`; not `total_price`."""
    named = column.words & (words.MONEY_WORDS - words.VAGUE_MONEY_WORDS - words.SECONDARY_MONEY_WORDS - words.SUM_WORDS)
    other = words.NOT_ADDITIVE_WORDS | words.PEOPLE_TABLES | words.QUANTITY_WORDS
    return bool(column.words & other) and not named


def stem(word: str) -> str:
    """A word without its plural: orders and order, categories and category, Kunden and Kunde meet."""
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("ses", "s")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + replacement
    for ending in ("en", "s", "n", "e"):
        if word.endswith(ending) and len(word) > len(ending) + 2 and not word.endswith("ss"):
            return stem(word[: -len(ending)])
    return word


def subject_words(name: str) -> list[str]:
    """The words of an id's name that say whose id it is: `customer_id` gives customer, `Kundennummer` kunden."""
    found = []
    for word in tokens(name):
        ending = next((end for end in ("nummer", "nr") if word.endswith(end) and len(word) > len(end) + 2), "")
        if word not in words.ID_WORDS | words.CODE_WORDS:
            found.append(word.removesuffix(ending))
    return found


def called_after(column: Meaning, table: Subject) -> bool:
    """Whether an id is the table's own by name: `id`, `customer_id` in customers, `kunden_nr` in kunden."""
    parts = subject_words(column.name)
    if not parts:
        joined = "".join(tokens(column.name))
        return joined in words.ID_WORDS or any(joined in {word + "id", stem(word) + "id"} for word in table.words)
    stems = {stem(word) for word in table.words}
    short = len(parts) == 1 and len(parts[0]) >= 3 and any(word.startswith(parts[0]) for word in table.words)
    return short or bool({stem("".join(parts)), stem(parts[-1])} & stems)
