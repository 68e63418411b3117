"""The rules, one per file, in the order they speak: block, require, enforce; then plan validation.

All of them are evaluated; the verdict is the severest outcome.
"""

from collections.abc import Callable, Iterator
from typing import Final

from apps.policies.contracts import Finding
from apps.policies.engine.rules import (
    cross_join,
    functions,
    generators,
    join_depth,
    known_columns,
    known_tables,
    nodes,
    parameters,
    root,
    row_limit,
    row_locks,
    subquery_nesting,
    system_schemas,
    time_filter,
    wildcard_tables,
)
from apps.policies.engine.statement import Context, Reading

Rule = Callable[[Reading, Context], Iterator[Finding]]

BLOCK: Final[tuple[Rule, ...]] = (
    root.check,
    nodes.check,
    functions.check,
    row_locks.check,
    system_schemas.check,
)
REQUIRE: Final[tuple[Rule, ...]] = (wildcard_tables.check, time_filter.check, row_limit.check, parameters.check)
ENFORCE: Final[tuple[Rule, ...]] = (generators.check, join_depth.check, cross_join.check, subquery_nesting.check)
PLAN: Final[tuple[Rule, ...]] = (known_tables.check, known_columns.check)
SAFETY: Final[tuple[Rule, ...]] = (*BLOCK, *REQUIRE, *ENFORCE)


def apply_fixes(reading: Reading, context: Context) -> None:
    """Change the tree of a BigQuery reading as the findings of outcome `fix` said."""
    time_filter.apply(reading, context)
    row_limit.apply(reading, context)
