"""The seam for a second reader of BigQuery SQL: it must agree that a text is one query over the same tables and that
it calls nothing that is not on the list.

Both texts are asked about. The generated one is what runs: its tables have to be exactly those of the first reader.
In the user's own, `FROM `p.d.t`, t.items` may name one more, because the two readers take the name of a table in
backticks differently; what runs says UNNEST there.
"""

from dataclasses import dataclass
from typing import Protocol

from apps.policies.contracts import Finding, TableRef
from apps.policies.engine.bigquery.functions import is_listed
from apps.policies.engine.bigquery.scopes import fold
from apps.policies.engine.statement import block

NAME = "second_reader"


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the second reader made of one text: `error` is None when it could read it. `tables` are whole paths in
    lower case, `calls` (namespace, name) of every function, `others` what else does more than compute."""

    is_query: bool
    tables: frozenset[str]
    error: str | None = None
    calls: frozenset[tuple[str, str]] = frozenset()
    others: frozenset[str] = frozenset()


class SecondReader(Protocol):
    """Reads a text by the database's own grammar."""

    def read(self, text: str) -> SecondOpinion: ...


def compare(opinion: SecondOpinion, tables: tuple[TableRef, ...], *, runs: bool = True) -> Finding | None:
    """A block when the readers disagree, else None. `runs`: it is the generated text."""
    if opinion.error is not None:
        return block(NAME, "BigQuery's own grammar cannot read this.", "Check the syntax.")
    if not opinion.is_query:
        return block(NAME, "BigQuery's own grammar does not take this for a single query.")
    unlisted = sorted({*opinion.others, *(f"{space}.{name}".strip(".") for space, name in _unlisted(opinion))})
    if unlisted:
        return block(NAME, f"BigQuery's own grammar sees {unlisted[0][:80]} here.", "Leave it out.")
    ours = frozenset(fold(str(ref)) for ref in tables)
    more = opinion.tables - ours
    if ours - opinion.tables or (more and (runs or not more <= _arrays(opinion.tables))):
        return block(NAME, "The two readers of this statement see different tables.", "Write it plainly.")
    return None


def _unlisted(opinion: SecondOpinion) -> frozenset[tuple[str, str]]:
    return frozenset((space, name) for space, name in opinion.calls if not is_listed(name, space))


def _arrays(tables: frozenset[str]) -> frozenset[str]:
    """Paths that begin with the last part of another: arrays of that table, to the first reader."""
    lasts = {path.rpartition(".")[2] for path in tables}
    return frozenset(path for path in tables if "." in path and path.partition(".")[0] in lasts)
