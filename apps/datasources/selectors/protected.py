"""Columns of personal data, as recognition and people marked them, and where a statement takes them."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import orjson

from apps.core import clock
from apps.datasources.connectors.protocol import Connector, Shaped
from apps.datasources.contracts import TableShape
from apps.policies.contracts import TableRef
from apps.policies.engine.pii.tracing.marks import NONE, Column, Mark, Marks, Relation, Traced, union
from apps.policies.engine.pii.tracing.statement import traced
from apps.policies.enums import Dialect
from apps.policies.services import gate

UNRECOGNISED: Final = "unrecognised"
"""The class of a text nobody could look at yet."""
_KEPT: Final = 1_000
_VIEWS_DEEP: Final = 16
_STATISTICS: Final = frozenset(
    {"pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_statistic", "pg_statistic_ext_data"}
)
"""System tables of Postgres that hold values of columns."""
_PG_STATS: Final = (
    "schemaname", "tablename", "attname", "inherited", "null_frac", "avg_width", "n_distinct", "most_common_vals",
    "most_common_freqs", "histogram_bounds", "correlation", "most_common_elems", "most_common_elem_freqs",
    "elem_count_histogram", "range_length_histogram", "range_empty_frac", "range_bounds_histogram",
)  # fmt: skip
_VALUES: Final = frozenset({"most_common_vals", "histogram_bounds", "most_common_elems", "range_bounds_histogram"})

_traces: "OrderedDict[tuple[str, ...], Traced]" = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class ProtectedColumns:
    """(dataset, table, column) in lower case to the class of what it holds; `version` changes with any of it."""

    columns: Mapping[tuple[str, str, str], str]
    version: str

    def of_table(self, dataset: str, table: str) -> dict[str, str]:
        """Columns of one table."""
        wanted = (dataset.lower(), table.lower())
        return {name: kind for (*owner, name), kind in self.columns.items() if tuple(owner) == wanted}

    def with_texts(self, texts: Mapping[tuple[str, str, str], str]) -> "ProtectedColumns":
        """With texts that could not be looked at; good for one statement, the next one tries again."""
        version = f"{self.version}+{len(texts)}.{clock.now()}"
        return ProtectedColumns({**texts, **self.columns}, version)


# Read with the datasource itself (selectors.registry), in the one query that every execution starts with.
MARKED = """
(SELECT jsonb_agg(jsonb_build_array(lower(t.dataset), lower(t.name), lower(c.name), c.pii_kind) ORDER BY c.id)
 FROM catalog_columns c JOIN catalog_tables t ON t.id = c.table_id
 WHERE t.datasource_id = d.id AND c.pii_kind <> '' AND c.pii_decision <> 'rejected'
 AND (c.pii_decision = 'confirmed' OR c.pii_tier = 'high'))
"""


def columns_from(marked: str | None) -> ProtectedColumns:
    """The protected columns as MARKED gives them (JSON text), never kept: CatalogColumn.protected_as, in SQL."""
    columns = {(dataset, table, name): kind for dataset, table, name, kind in orjson.loads(marked or "[]")}
    return ProtectedColumns(columns, gate.sha256(marked)[:16] if marked else "0")


Prepare = Callable[[Sequence[TableRef]], ProtectedColumns]
"""Gives the protected columns once the tables of a statement are known."""


class Tracing:
    """Follows the protected columns of one opened datasource through statements (`policies.PiiTracer`)."""

    def __init__(
        self, name: str, connector: Connector, hidden: ProtectedColumns, prepare: Prepare | None = None
    ) -> None:
        self._name, self._connector, self._hidden, self._prepare = name, connector, hidden, prepare

    def trace(self, sql: str, tables: Sequence[TableRef]) -> Traced:
        """What `sql` shows; remembered by text, marks and structure. Outputs that cannot be told touch all of it."""
        if self._prepare is not None:
            self._hidden = self._prepare(tables)
        if not self._hidden.columns or not sql or self._reads_nothing(sql, tables):
            return Traced()
        key = (self._name, self._connector.version, self._structure(), self._hidden.version, gate.sha256(sql))
        with _lock:
            known = _traces.get(key)
            if known is not None:
                _traces.move_to_end(key)
                return known
        made = self._traced(sql, tables)
        with _lock:
            _traces[key] = made
            while len(_traces) > _KEPT:
                _traces.popitem(last=False)
        return made

    def _reads_nothing(self, sql: str, tables: Sequence[TableRef]) -> bool:
        """Postgres' own grammar found no table, and no view of the planner's statistics is named."""
        return not tables and self._connector.dialect is Dialect.POSTGRES and "pg_stat" not in sql.lower()

    def _structure(self) -> str:
        return str(getattr(self._connector, "structure_version", ""))

    def _traced(self, sql: str, tables: Sequence[TableRef]) -> Traced:
        found = traced(sql, self._connector.dialect, _Marked(self._connector, self._hidden))
        if found.outputs is not None:
            return found
        lookup = _Marked(self._connector, self._hidden)
        named = [lookup((*filter(None, (ref.project, ref.dataset)), ref.name)) for ref in tables]
        touched = union([found.touched, *(relation.marks for relation in named if relation is not None)])
        if any(name in sql.lower() for name in _STATISTICS):
            touched |= lookup.statistics()
        return Traced(None, found.uses, touched, found.constants)


class _Marked:
    """Tables as relations with marks. Values of a view come from what it reads, and from what was found in itself."""

    def __init__(self, connector: Connector, hidden: ProtectedColumns, depth: int = 0) -> None:
        self._connector, self._hidden, self._depth = connector, hidden, depth

    def __call__(self, path: tuple[str, ...]) -> Relation | None:
        if path[-1] in _STATISTICS:
            return self._sampled(path[-1])
        shape = self._shape(path)
        if shape is None:
            return None
        found = self._own(shape, shape.dataset, shape.name)
        for dataset, name in shape.parents:
            found = _both(found, self._own(shape, dataset, name))
        return _both(found, self._of_view(shape)) if shape.definition else found

    def statistics(self) -> Marks:
        """The planner's samples hold values of any column."""
        return frozenset(Mark(".".join(key[1:]), kind, computed=True) for key, kind in self._hidden.columns.items())

    def _sampled(self, name: str) -> Relation:
        if name != "pg_stats":
            return Relation(rest=self.statistics())
        return Relation(tuple(Column(column, self.statistics() if column in _VALUES else NONE) for column in _PG_STATS))

    def _shape(self, path: tuple[str, ...]) -> TableShape | None:
        if isinstance(self._connector, Shaped):
            return self._connector.shape(path)
        parts = [*path[-3:]]
        view = self._connector.table(TableRef(parts[-1], *reversed(parts[:-1])))
        if view is None:
            return None
        return TableShape(view.ref.dataset, view.ref.name, tuple((column.name, column.type) for column in view.columns))

    def _own(self, shape: TableShape, dataset: str, name: str) -> Relation:
        kinds = self._hidden.of_table(dataset, name)
        fold = str.lower if self._connector.dialect is Dialect.BIGQUERY else str
        return Relation(tuple(_column(fold(column), name, kinds) for column, _ in shape.columns))

    def _of_view(self, shape: TableShape) -> Relation:
        """Column by column; all of what it touches where the definition cannot be followed."""
        if self._depth >= _VIEWS_DEEP:
            return Relation(tuple(Column(name, self.statistics()) for name, _ in shape.columns))
        inner = _Marked(self._connector, self._hidden, self._depth + 1)
        found = traced(shape.definition, self._connector.dialect, inner)
        if found.outputs is None or len(found.outputs) != len(shape.columns):
            return Relation(tuple(Column(name, found.touched or self.statistics()) for name, _ in shape.columns))
        pairs = zip(shape.columns, found.outputs, strict=True)
        return Relation(tuple(Column(name, marks) for (name, _), (_, marks) in pairs))


def _column(name: str, table: str, kinds: Mapping[str, str]) -> Column:
    folded = name.lower()
    own = kinds.get(folded)
    source = f"{table}.{folded}"
    inside = {key: kind for key, kind in kinds.items() if key.startswith(f"{folded}.")}
    fields = {key[len(folded) + 1 :]: frozenset({Mark(f"{table}.{key}", kind)}) for key, kind in inside.items()}
    return Column(name, frozenset({Mark(source, own)}) if own else NONE, fields)


def _both(one: Relation, other: Relation) -> Relation:
    pairs = zip(one.columns, other.columns, strict=True)
    return Relation(tuple(Column(a.name, a.own | b.own, {**b.fields, **a.fields}) for a, b in pairs))


def forget() -> None:
    """Drop what this process remembers."""
    with _lock:
        _traces.clear()
