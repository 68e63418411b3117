"""Reads BigQuery SQL with sqlglot and writes it again: what runs is generated from the tree, never the user's text.

1. Parse; more than one statement, or nothing, is refused.   2. Generate without comments.
3. Parse what was generated: it must be the same tree.       4. Where sqlglot's first reading is not yet its normal
form, the second one must be a fixed point (generating and reading it changes nothing), and the rules see both.
"""

from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, TokenError

from apps.policies.contracts import Finding
from apps.policies.engine.bigquery.shape import shape_of
from apps.policies.engine.statement import Place, Reading, Shape, block

DIALECT: Final = "bigquery"
_TOO_DEEP: Final = "The statement is nested too deeply to be read safely."


def read(text: str) -> tuple[Reading | None, tuple[Finding, ...]]:
    """The reading of `text`, or why there is none."""
    try:
        statements = [each for each in sqlglot.parse(text, read=DIALECT) if each is not None and not _is_blank(each)]
    except RecursionError:
        return None, (block("depth", _TOO_DEEP, "Split it into common table expressions."),)
    except SqlglotError as error:
        return None, (_syntax(error),)
    if len(statements) != 1 or isinstance(statements[0], exp.Block):
        return None, (block("single_statement", "Only one statement can run at a time.", "Send them one by one."),)
    tree = _without_alias(statements[0])
    if not isinstance(tree, exp.Query):
        shape = shape_of(tree, statements=1)
        return Reading(text, shape, tree), ()
    return _canonical(tree)


def generate(tree: exp.Expr) -> str:
    """The text that runs. Comments are gone; whatever BigQuery cannot say raises."""
    return tree.sql(dialect=DIALECT, comments=False, unsupported_level=ErrorLevel.IMMEDIATE, copy=True)


def reread(tree: exp.Expr) -> tuple[Reading | None, tuple[Finding, ...]]:
    """Generate and read again after a rule has changed the tree."""
    return _canonical(tree)


def _canonical(tree: exp.Expr) -> tuple[Reading | None, tuple[Finding, ...]]:
    try:
        text = generate(tree)
        again = sqlglot.parse_one(text, read=DIALECT)
        same = again == tree
        if not same and generate(again) != text:
            return None, (
                block(
                    "round_trip",
                    "The statement cannot be written down again without a change of meaning.",
                    "Write it in a plainer form.",
                ),
            )
        first = shape_of(tree, statements=1)
        shape = first if same else _both(first, shape_of(again, statements=1))
    except RecursionError:
        return None, (block("depth", _TOO_DEEP, "Split it into common table expressions."),)
    except SqlglotError as error:
        return None, (_syntax(error),)
    if shape is None:
        return None, (
            block(
                "round_trip",
                "Two readings of the statement disagree about its tables or functions.",
                "Write it in a plainer form.",
            ),
        )
    return Reading(text, shape, again), ()


def _both(first: Shape, second: Shape) -> Shape | None:
    """The second shape, when both readings name the same tables and the same findings would come of them."""
    same = (first.root, first.tables, first.has_limit, first.joins) == (
        second.root, second.tables, second.has_limit, second.joins
    )  # fmt: skip
    names = [tuple(use.name for use in (*shape.unknown_nodes, *shape.unknown_functions)) for shape in (first, second)]
    return second if same and names[0] == names[1] else None


def _is_blank(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Semicolon)


def _without_alias(tree: exp.Expr) -> exp.Expr:
    """`(SELECT 1) AS q` at the top is that query: the name serves nobody."""
    if isinstance(tree, exp.Alias) and isinstance(tree.this, exp.Subquery):
        return tree.this
    return tree


def _syntax(error: SqlglotError) -> Finding:
    if isinstance(error, ParseError) and error.errors:
        first = error.errors[0]
        place = Place(int(first.get("line") or 1), int(first.get("col") or 1))
        near = str(first.get("highlight") or "").strip()[:40]
        return block(
            "syntax", f"This is not a statement BigQuery can read{_near(near)}.", "Check the syntax.", place=place
        )
    if isinstance(error, TokenError):
        return block("syntax", "This text cannot be cut into tokens.", "Check quotes and brackets.")
    return block("syntax", "This is not a statement BigQuery can read.", "Check the syntax.")


def _near(text: str) -> str:
    return f" (near “{text}”)" if text.isidentifier() else ""
