"""Reads BigQuery SQL with sqlglot and writes it again: what runs is generated from the tree, never the user's text.

1. `parse`: more than one statement, or nothing, is refused.   2. The rules judge the tree and may change it.
3. `write`: generate without comments; parse what was generated; it must be the same tree.
4. Where sqlglot's first reading is not yet its normal form, a later one must be: a fixed point (generating and reading
it changes nothing) over the same tables and functions. Only the text of a fixed point runs.
sqlglot raises more than its own errors on odd texts (ValueError, AttributeError …): all of them mean "not read".
"""

from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, TokenError

from apps.policies.contracts import Finding
from apps.policies.engine.bigquery.shape import shape_of
from apps.policies.engine.statement import Place, Reading, Shape, block

DIALECT: Final = "bigquery"
_ROUNDS: Final = 3
_DIFFER: Final = block("round_trip", "Two readings of this statement differ.", "Write it in a plainer form.")


@dataclass(frozen=True, slots=True)
class Written:
    """The text that runs and the tree it reads as. `same`: it is the tree it was generated from."""

    sql: str
    tree: exp.Expr
    same: bool


def parse(text: str) -> Reading | Finding:
    """The one statement of `text`, or why there is none. `sql` is empty: nothing has been generated yet."""
    try:
        trees = [tree for tree in sqlglot.parse(text, read=DIALECT) if tree and not isinstance(tree, exp.Semicolon)]
        if len(trees) != 1 or isinstance(trees[0], exp.Block):
            return block("single_statement", "Only one statement can run at a time.", "Send them one by one.")
        tree = _without_alias(trees[0])
        return Reading("", shape_of(tree, statements=1), tree)
    except Exception as error:  # noqa: BLE001  # see the top of this file
        return unread(error)


def write(tree: exp.Expr) -> Written | Finding:
    """Generate and read again; a Finding when that changes the meaning."""
    try:
        now = tree
        for _ in range(_ROUNDS):
            text = generate(now)
            again = sqlglot.parse_one(text, read=DIALECT)
            if again == now:
                same = now is tree
                return Written(text, again, same) if same or _agree(tree, again) else _DIFFER
            now = again
        return _DIFFER
    except Exception as error:  # noqa: BLE001  # see the top of this file
        return unread(error)


def generate(tree: exp.Expr) -> str:
    """The text that runs. Comments are gone; whatever BigQuery cannot say raises."""
    return tree.sql(dialect=DIALECT, comments=False, unsupported_level=ErrorLevel.IMMEDIATE)


def unread(error: Exception) -> Finding:
    """What to say of a text that could not be read; never a literal of it."""
    if isinstance(error, RecursionError):
        return block(
            "depth", "The statement is nested too deeply to be read safely.", "Split it into common table expressions."
        )
    if isinstance(error, ParseError) and error.errors:
        first = error.errors[0]
        at = Place(int(first.get("line") or 1), int(first.get("col") or 1))
        near = str(first.get("highlight") or "").strip()[:40]
        named = f" (near “{near}”)" if near.isidentifier() else ""
        return block("syntax", f"This is not a statement BigQuery can read{named}.", "Check the syntax.", place=at)
    if isinstance(error, TokenError):
        return block("syntax", "This text cannot be cut into tokens.", "Check quotes and brackets.")
    return block("syntax", "This is not a statement BigQuery can read.", "Check the syntax.")


def _agree(tree: exp.Expr, again: exp.Expr) -> bool:
    """Both readings name the same tables, and the same findings would come of them."""
    first, second = shape_of(tree, statements=1), shape_of(again, statements=1)
    return _facts(first) == _facts(second)


def _facts(shape: Shape) -> tuple[object, ...]:
    unknown = [use.name for use in (*shape.unknown_nodes, *shape.unknown_functions)]
    return (shape.root_allowed, set(shape.tables), shape.row_limit, unknown)


def _without_alias(tree: exp.Expr) -> exp.Expr:
    """`(SELECT 1) AS q` at the top is that query: the name serves nobody."""
    inner = tree
    while isinstance(inner, exp.Alias | exp.Paren):
        inner = inner.this
    return inner if isinstance(inner, exp.Subquery) else tree
