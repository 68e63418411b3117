"""The seam for a second reader of BigQuery SQL: it must agree that a text is one query over the same tables."""

from dataclasses import dataclass
from typing import Protocol

from apps.policies.contracts import Finding, TableRef
from apps.policies.engine.statement import block


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the second reader made of one text: `error` is None when it could read it."""

    is_query: bool
    tables: frozenset[str]
    error: str | None = None


class SecondReader(Protocol):
    """Reads a text by the database's own grammar."""

    def read(self, text: str) -> SecondOpinion: ...


def compare(opinion: SecondOpinion, tables: tuple[TableRef, ...]) -> Finding | None:
    """A block when the readers disagree, else None."""
    if opinion.error is not None:
        return block("second_reader", "BigQuery's own grammar cannot read this.", "Check the syntax.")
    if not opinion.is_query:
        return block("second_reader", "BigQuery's own grammar does not take this for a single query.")
    if opinion.tables != frozenset(str(ref).lower() for ref in tables):
        return block("second_reader", "The two readers of this statement see different tables.", "Write it plainly.")
    return None
