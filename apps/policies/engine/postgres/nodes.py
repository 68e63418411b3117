"""The parse-tree nodes and unwrapped fields a Postgres read may hold. Whatever is not listed is blocked.

libpg_query wraps most nodes in their name and leaves some as bare fields (`withClause`, `intoClause`): both are listed.
"""

from typing import Final

_ALLOWED_WORDS: Final = """SelectStmt ResTarget ColumnRef String Integer Float Boolean BitString A_Star A_Const
A_Expr BoolExpr NullTest BooleanTest FuncCall NamedArgExpr TypeCast TypeName SubLink
RangeVar RangeSubselect RangeFunction RangeTableSample JoinExpr Alias WithClause
CommonTableExpr SortBy WindowDef CaseExpr CaseWhen CoalesceExpr MinMaxExpr
A_ArrayExpr A_Indices A_Indirection RowExpr GroupingSet GroupingFunc CollateClause
SQLValueFunction List ColumnDef ParamRef CTESearchClause CTECycleClause
JsonObjectConstructor JsonArrayConstructor JsonArrayQueryConstructor JsonValueExpr
JsonKeyValue JsonFuncExpr JsonIsPredicate JsonObjectAgg JsonArrayAgg JsonTable
JsonTableColumn JsonParseExpr JsonScalarExpr JsonSerializeExpr JsonTablePathSpec JsonBehavior JsonFormat
JsonReturning JsonOutput JsonArgument JsonAggConstructor RangeTableFunc RangeTableFuncCol XmlExpr XmlSerialize"""
ALLOWED: Final = frozenset(_ALLOWED_WORDS.split())

_FIELDS_WORDS: Final = """stmt larg rarg withClause alias join_using_alias typeName over search_clause
cycle_clause ival fval sval bsval boolval arg constructor value format output
returning context_item pathspec on_error on_empty expr func query typename behavior
wrapper agg_filter val"""
FIELDS: Final = frozenset(_FIELDS_WORDS.split())
"""Fields that hold a node without its name. `intoClause`, `onConflictClause` and the like are missing on purpose."""

ROOTS: Final = frozenset({"SelectStmt"})
