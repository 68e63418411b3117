"""Reads Postgres SQL with libpg_query. What it cannot read, Postgres could not run either (fails closed)."""

from typing import Final

import pgparse

from apps.policies.contracts import Finding
from apps.policies.engine.postgres.shape import shape_of
from apps.policies.engine.postgres.tree import Node
from apps.policies.engine.statement import Reading, block, place_of

_QUOTED: Final = '"'


def read(text: str) -> tuple[Reading | None, tuple[Finding, ...]]:
    """The reading of `text` as one statement, or why there is none."""
    statements, stopped = statements_of(text)
    if statements is None:
        return None, stopped
    if len(statements) > 1:
        return None, (block("single_statement", "Only one statement can run at a time.", "Send them one by one."),)
    tree = statements[0]
    return Reading(text, shape_of(tree, text, statements=1), tree), ()


def statements_of(text: str) -> tuple[list[Node] | None, tuple[Finding, ...]]:
    """The raw statements of `text`, at least one; or why there are none."""
    try:
        statements: list[Node] = pgparse.parse(text)
    except pgparse.PGQueryError as error:
        return None, (_syntax(error, text),)
    except RecursionError:
        return None, (block("depth", "The statement is nested too deeply to be read safely.", "Split it up."),)
    except (UnicodeError, ValueError):
        return None, (block("syntax", "This text cannot be read as SQL.", "Check quotes and characters."),)
    if not statements:
        return None, (block("empty", "There is no statement.", "Write a SELECT."),)
    return statements, ()


def _syntax(error: pgparse.PGQueryError, text: str) -> Finding:
    position = max(0, int(getattr(error, "position", 1) or 1) - 1)
    message = str(getattr(error, "message", "syntax error")).partition(_QUOTED)[0].removesuffix(" at or near ").strip()
    return block(
        "syntax", f"Postgres cannot read this: {message}.", "Check the syntax.", place=place_of(text, position)
    )
