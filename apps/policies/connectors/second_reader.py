"""ZetaSQL, Google's own grammar in WebAssembly (it cannot take the process down), as second reader of BigQuery SQL.

Compiling the module takes half a minute and more, so the machine code is kept in a folder that is this installation's
alone: the next process loads it in under half a second. Only real execution loads it. One text at a time: the module
has one memory. A fault inside the module leaves that memory in an unknown state, so the reader is thrown away
and the caller told that it is out.
"""

import importlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import structlog

from apps.core.errors import Unavailable
from apps.policies.engine.bigquery.scopes import fold
from apps.policies.engine.second_reader import SecondOpinion
from atom_project.config import config

log = structlog.get_logger(__name__)

_OTHERS: Final = frozenset(
    {
        "ASTTVF", "ASTModelClause", "ASTConnectionClause", "ASTSystemVariableExpr", "ASTHint", "ASTLockMode",
        "ASTGraphTableQuery", "ASTGqlQuery", "ASTDescriptor", "ASTTableClause", "ASTIntoAlias",
    }
)  # fmt: skip
_DOES: Final = ("Statement", "Insert", "Update", "Delete", "Merge", "Export", "Create", "Drop", "Alter", "Execute")
_IS_QUERY: Final = "ASTQueryStatement"


class ZetaSqlReader:
    """Parses with the maximum of language features; a script or a second statement is an error to it."""

    def __init__(self) -> None:
        _keep_compiled()
        service: Any = importlib.import_module("zetasql.core.local_service").ZetaSqlLocalService
        self._service: Any = service()
        self._options: Any = importlib.import_module("zetasql.types").LanguageOptions.maximum_features()
        self._refused: Any = importlib.import_module("zetasql.core.exceptions").ServerError
        self._lock = Lock()

    def read(self, text: str) -> SecondOpinion:
        """What the grammar makes of `text`. Raises Unavailable when the module itself fails."""
        statement = text.rstrip().rstrip(";")
        try:
            with self._lock:
                tree = self._service.parse(sql_statement=statement, options=self._options).parsed_statement
                named = self._service.extract_table_names_from_statement(
                    sql_statement=statement, options=self._options
                ).table_name
        except self._refused as error:
            return SecondOpinion(False, frozenset(), error=type(error).__name__)
        except Exception as error:
            reader.cache_clear()
            raise _out() from error
        tables = frozenset(fold(".".join(path.table_name_segment)) for path in named)
        calls, others = _found(tree)
        return SecondOpinion(type(tree).__name__ == _IS_QUERY, tables, calls=calls, others=others)


@cache
def _keep_compiled() -> None:
    """Let the package's WebAssembly engine keep what it compiles; where the folder cannot be written, it does not."""
    client: Any = importlib.import_module("zetasql.core.wasm_client")
    try:
        settings = _cache_settings(config.state_dir.resolve() / "cache" / "wasm")
    except OSError:
        log.warning("second_reader.not_kept")
        return

    class Keeping(client.Config):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.cache = str(settings)

    client.Config = Keeping


def _cache_settings(folder: Path) -> Path:
    """wasmtime's settings file. What lies in the folder is loaded as machine code, so nobody else may write there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    settings = folder / "wasmtime.toml"
    settings.write_text(f"[cache]\ndirectory = {json.dumps(str(folder / 'modules'))}\n")
    return settings


def _found(tree: Any) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    calls: set[tuple[str, str]] = set()
    others: set[str] = set()
    for node in _nodes(tree):
        kind = type(node).__name__
        if kind == "ASTFunctionCall":
            *space, name = (str(part.id_string) for part in node.function.names)
            calls.add((".".join(space), name))
        elif kind in _OTHERS or (kind != _IS_QUERY and any(word in kind for word in _DOES)):
            others.add(kind.removeprefix("AST"))
    return frozenset(calls), frozenset(others)


def _nodes(tree: Any) -> Iterator[Any]:
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, list | tuple):
            todo.extend(node)
        elif type(node).__name__.startswith("AST"):
            yield node
            todo.extend(vars(node).values())


def _out() -> Unavailable:
    return Unavailable("The second reader of BigQuery SQL is not available.", code="SECOND_READER_OUT")


@cache
def reader() -> ZetaSqlReader:
    """The reader of this process; raises Unavailable where the package does not load."""
    try:
        return ZetaSqlReader()
    except Exception as error:
        raise _out() from error
