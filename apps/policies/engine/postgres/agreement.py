"""Postgres read twice: sqlglot serves lineage and redaction, so where it reads differently, a person is asked.

Compared are what those two rest on: one statement, a query, and the same names in FROM. The text itself runs as it is.
"""

from collections.abc import Iterator
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from apps.policies.contracts import ApprovalKind, Finding, Outcome

NAME: Final = "readers_disagree"
_LONGEST_NAME: Final = 63
_LEAVES: Final = frozenset({exp.Identifier, exp.Literal, exp.DataType, str, bool, type(None)})
"""What holds no table, by exact class."""
Names = frozenset[tuple[str, str]]
"""(schema, name) of everything in FROM, common table expressions included."""


def check(text: str, names: Names) -> Finding | None:
    """A question to a person when sqlglot reads `text` otherwise than libpg_query, which saw `names`; else None."""
    try:
        trees = [tree for tree in sqlglot.parse(text, read="postgres") if not isinstance(tree, exp.Semicolon | None)]
    except (SqlglotError, RecursionError, ValueError):
        return _asked("The reader that traces protected columns cannot read this statement.")
    if len(trees) != 1 or not isinstance(trees[0], exp.Query | exp.Values | exp.Table):
        return _asked("The reader that traces protected columns takes this for something else than one query.")
    if frozenset(_names_of(trees[0])) != names:
        return _asked("The two readers of this statement see different tables.")
    return None


def _asked(message: str) -> Finding:
    return Finding(
        NAME, Outcome.ASK, message, "Write it in a plainer form, or ask for approval.",
        approval=ApprovalKind.READERS_DISAGREE,
    )  # fmt: skip


def _names_of(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    """Iterative and by hand: sqlglot's own walk costs half of its parse."""
    pending: list[exp.Expr] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            yield folded(node.args.get("db")), folded(node.this)
        for value in node.args.values():
            kind = type(value)
            if kind is list:
                pending += [each for each in value if isinstance(each, exp.Expr)]
            elif kind not in _LEAVES and isinstance(value, exp.Expr):
                pending.append(value)


def folded(name: object) -> str:
    """A name as Postgres keeps it: unquoted ones in lower ASCII letters, none longer than 63 bytes."""
    if not isinstance(name, exp.Identifier):
        return ""
    text = str(name.this) if name.quoted else str(name.this).translate(_LOWER)
    raw = text.encode()
    return text if len(raw) <= _LONGEST_NAME else raw[:_LONGEST_NAME].decode(errors="ignore")


_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
