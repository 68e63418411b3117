"""BigQuery functions that DuckDB lacks, as DuckDB macros; created in every connection before it is locked in.

A function of BigQuery that is neither translated by `rewrites` nor listed in PASSED does not exist here.
"""

# ruff: noqa: E501 - one macro a line

MACROS: tuple[str, ...] = (
    "ieee_divide(a, b) AS a::DOUBLE / b::DOUBLE",
    "safe_add(a, b) AS TRY(a + b)",
    "safe_subtract(a, b) AS TRY(a - b)",
    "safe_multiply(a, b) AS TRY(a * b)",
    "safe_negate(a) AS TRY(-a)",
    "lax_int64(j) AS TRY_CAST(TRY_CAST(j->>'$' AS DOUBLE) AS BIGINT)",
    "lax_float64(j) AS TRY_CAST(j->>'$' AS DOUBLE)",
    "lax_bool(j) AS TRY_CAST(j->>'$' AS BOOLEAN)",
    "lax_string(j) AS j->>'$'",
    "range_bucket(p, a) AS len(list_filter(a, lambda x: x <= p))",
    "byte_length(s) AS octet_length(CASE WHEN typeof(s) = 'BLOB' THEN s::BLOB ELSE encode(s::VARCHAR) END)",
    "bq_dow(d) AS (extract(dow FROM d) + 1)",
    "bq_week(d) AS strftime(d::DATE, '%U')::BIGINT",
    "bq_top_count(x, n) AS list_transform(list_slice(list_sort(list_transform(map_entries(histogram(x)), lambda e: {'c': -e.value::BIGINT, 'v': e.key})), 1, n), lambda e: {'value': e.v, 'count': -e.c})",
    "net_host(u) AS nullif(regexp_extract(u, '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?([^/:?#]+)', 1), '')",
    "net_reg_domain(u) AS nullif(regexp_extract(net_host(u), '([^.]+\\.[^.]+)$', 1), '')",
)
PASSED = frozenset(
    """
    ieee_divide safe_add safe_subtract safe_multiply safe_negate lax_int64 lax_float64 lax_bool lax_string
    range_bucket byte_length acosh asinh atanh cosh sinh tanh cot cbrt char_length character_length unicode
    to_base64 from_base64 regexp_instr error
    """.split()  # noqa: SIM905 - a list of words
)
"""Names that may reach DuckDB as they are, among those sqlglot has no node for."""


def statements() -> tuple[str, ...]:
    """CREATE MACRO statements, in order."""
    return tuple(f"CREATE MACRO {macro}" for macro in MACROS)
