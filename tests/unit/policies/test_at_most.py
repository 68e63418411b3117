"""How many rows a Postgres statement cannot exceed by its own text: too many would be lost, so doubt means unknown."""

import pytest

from apps.policies.contracts import Dialect, Purpose
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import review
from apps.policies.engine.statement import Context


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 1", 1),
        ("SELECT 1 + 2, 'x', (SELECT 3)", 1),
        ("SELECT * FROM t LIMIT 7", 7),
        ("SELECT * FROM t LIMIT 0", 0),
        ("SELECT * FROM t FETCH FIRST 7 ROWS ONLY", 7),
        ("WITH a AS (SELECT * FROM t) SELECT * FROM a LIMIT 5", 5),
        ("SELECT 1 UNION ALL SELECT 2 LIMIT 2", 2),
        ("SELECT * FROM t", None),
        ("SELECT * FROM t LIMIT ALL", None),
        ("SELECT * FROM t LIMIT 3 + 4", None),
        ("SELECT * FROM t ORDER BY a FETCH FIRST 7 ROWS WITH TIES", None),
        ("SELECT * FROM (SELECT * FROM t LIMIT 3) a, t b", None),
        ("VALUES (1), (2)", None),
        ("SELECT 1 UNION ALL SELECT 2", None),
        ("SELECT generate_series(1, 1000)", None),
        ("SELECT unnest(ARRAY[1, 2, 3])", None),
        ("SELECT count(*) FROM t", None),
        ("SELECT 1 WHERE true", 1),
        ("TABLE t", None),
        ("SELECT 1 GROUP BY GROUPING SETS ((), (), ())", None),
    ],
)
def test_the_text_says_how_many_rows_at_most(sql: str, rows: int | None) -> None:
    found = review(sql, Context(Dialect.POSTGRES, Purpose.READ, Limits())).shape
    assert found is not None
    assert found.at_most == rows
