"""Texts that look like BigQuery SQL: words in any order, statements grown from a small grammar, and corpora bent."""

import re
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

_CORPUS: Final = Path(__file__).parents[1] / "corpora" / "sql"
_WORD: Final = re.compile(r"\w+|\s+|'[^']*'|`[^`]*`|.", re.DOTALL)

_LISTED: Final = (
    "SELECT FROM WHERE WITH AS ( ) , ; . * |> JOIN CROSS ON TRUE UNION ALL EXCEPT LIMIT 1 x t shop.orders `a.b.c` `x`"
    " 'text' \"text\" r'\\d' b'\\x00' '''tri''' INSERT INTO DELETE UPDATE SET MERGE USING DROP TABLE CREATE CALL EXPORT"
    " DATA LOAD ASSERT BEGIN END DECLARE IF THEN ELSE LOOP BREAK RAISE START TRANSACTION EXECUTE IMMEDIATE GRANT"
    " UNNEST [ ] { } < > = + - / -- # /* */ @x @@y ? @{h=1} PIVOT UNPIVOT QUALIFY WINDOW OVER ARRAY STRUCT INTERVAL DAY"
    " EXTERNAL_QUERY ML.PREDICT AI.GENERATE NET.HOST SAFE.ABS KEYS.NEW_KEYSET SESSION_USER COUNT SUM f g.h TABLE MODEL"
    " CONNECTION FOR SYSTEM_TIME OF UPDATE TABLESAMPLE SYSTEM LATERAL RECURSIVE VALUES CASE WHEN IN EXISTS NOT NULL"
    " AGGREGATE EXTEND RENAME GROUP BY ORDER HAVING OFFSET DISTINCT"
    " \\ ` ' \" \n \t \u00a0 \u200b \u2028 \u017f \u212a é 数"
)
WORDS: Final = tuple(_LISTED.split(" "))


def _statements() -> list[str]:
    texts = (path.read_text().split("\n---\n") for path in sorted(_CORPUS.glob("bigquery_*.sql")))
    return [case.partition("\n")[2] for cases in texts for case in cases]


soups: Final = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)

_names: Final = st.sampled_from(["a", "b", "shop.orders", "`p.d.t`", "x.y.z", "a.items", "`a b`", "`a\\`b`", "k"])
_values: Final = st.recursive(
    st.sampled_from(["1", "'a'", "x", "a.x", "NULL", "@p", "?", "'--'", "'/*'", "r'\\'", '"it\'s"', "CURRENT_DATE()"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "=", "AND", "||", "<", "IS DISTINCT FROM"]), inner).map(" ".join),
        inner.map("({})".format),
        st.tuples(
            st.sampled_from(["ABS", "COUNT", "f", "SAFE.SUM", "shop.f", "NET.HOST", "ARRAY_AGG", "IF"]), inner
        ).map(lambda call: f"{call[0]}({call[1]})"),
        inner.map("(SELECT {} FROM shop.users)".format),
        inner.map("CASE WHEN {} THEN 1 END".format),
    ),
    max_leaves=6,
)
_sources: Final = st.one_of(
    _names,
    st.tuples(_names, st.sampled_from(["k", "shop", "a"])).map(" AS ".join),
    _values.map("(SELECT {} AS x) AS shop".format),
    _values.map("UNNEST([{}]) AS a".format),
)
_froms: Final = st.tuples(
    _sources,
    st.lists(st.tuples(st.sampled_from([", ", " CROSS JOIN ", " JOIN ", " LEFT JOIN "]), _sources), max_size=3),
).map(lambda made: made[0] + "".join(f"{join}{source}" for join, source in made[1]))


def _select(made: tuple[str, str, str, str]) -> str:
    value, source, condition, tail = made
    return f"SELECT {value} FROM {source} WHERE {condition}{tail}"


queries: Final = st.tuples(
    st.sampled_from(["", "WITH k AS (SELECT 1 AS x) ", "WITH RECURSIVE k AS (SELECT 1 UNION ALL SELECT x FROM k) "]),
    st.tuples(
        _values, _froms, _values,
        st.sampled_from(["", " LIMIT 5", " LIMIT 99999999", " UNION ALL SELECT 1", " --", " /* DROP */", ";", " # x"]),
    ).map(_select),
).map("".join)  # fmt: skip


@st.composite
def bent(draw: st.DrawFn) -> str:
    """A statement of the corpora with words taken out, doubled, moved in from elsewhere."""
    words = _WORD.findall(draw(st.sampled_from(_statements())))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(words) - 1)))
        words[at : at + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from(WORDS), max_size=2))
    return "".join(words)


texts: Final = st.one_of(st.text(max_size=80), soups, queries, bent())
