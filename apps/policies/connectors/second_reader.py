"""ZetaSQL, Google's own grammar in WebAssembly (it cannot take the process down), as second reader of BigQuery SQL.

Loading compiles the module once (about ten seconds of CPU), so only real execution loads it.
"""

import importlib
from functools import cache
from typing import Any

from apps.core.errors import Unavailable
from apps.policies.engine.second_reader import SecondOpinion


class ZetaSqlReader:
    """Parses with the maximum of language features; a script or a second statement is an error to it."""

    def __init__(self) -> None:
        self._parser: Any = importlib.import_module("zetasql.api").Parser
        self._options: Any = importlib.import_module("zetasql.types").LanguageOptions.maximum_features()

    def read(self, text: str) -> SecondOpinion:
        """What the grammar makes of `text`."""
        try:
            tree = self._parser.parse_statement_static(text.rstrip().rstrip(";"), self._options)
        except Exception as error:  # noqa: BLE001  # the binding raises its own and wasm's; all mean: not read
            return SecondOpinion(False, frozenset(), error=type(error).__name__)
        ctes: set[str] = set()
        tables: set[str] = set()
        aliases: set[str] = set()
        _collect(tree, tables, ctes, aliases)
        named = frozenset(name for name in tables if name not in ctes and name.partition(".")[0] not in aliases)
        return SecondOpinion(type(tree).__name__ == "ASTQueryStatement", named)


def _collect(tree: Any, tables: set[str], ctes: set[str], aliases: set[str]) -> None:
    """Table paths, CTE names and aliases (`FROM t AS o, o.items` is an array of o); iterative."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list | tuple):
            stack.extend(node)
            continue
        kind = type(node).__name__
        if not kind.startswith("AST"):
            continue
        if kind == "ASTTablePathExpression" and node.path_expr is not None:
            tables.add(".".join(part.id_string for part in node.path_expr.names).lower())
            if node.alias is not None:
                aliases.add(str(node.alias.identifier.id_string).lower())
        if kind in ("ASTWithClauseEntry", "ASTAliasedQuery") and getattr(node, "alias", None) is not None:
            ctes.add(str(getattr(node.alias, "id_string", "")).lower())
        stack.extend(vars(node).values())


@cache
def reader() -> ZetaSqlReader:
    """The reader of this process; raises Unavailable where the package does not load."""
    try:
        return ZetaSqlReader()
    except Exception as error:
        raise Unavailable("The second reader of BigQuery SQL is not available.", code="SECOND_READER_OUT") from error
