"""`python -m tests.fuzz [examples]`: makes texts and holds sqlglot's reading against Google's own grammar.

A finding is: a text that the gate lets through and that the grammar reads as something else than a query; a text that
would run and that the grammar cannot read, or reads with other tables or functions; a second look that changes the
text. Each is shown once, made as small as it gets; the exit status tells whether there was one.
"""

import sys

from hypothesis import HealthCheck, given, settings

from apps.policies.connectors.second_reader import ZetaSqlReader
from apps.policies.contracts import Dialect, Purpose
from apps.policies.engine.limits import Limits
from apps.policies.engine.safety import review
from apps.policies.engine.second_reader import compare
from apps.policies.engine.statement import Context
from tests.support.sql_texts import texts

_EXAMPLES = 2_000
_CONTEXT = Context(Dialect.BIGQUERY, Purpose.READ, Limits())


def main(examples: int) -> int:
    """Search, and say what was found."""
    zetasql = ZetaSqlReader()
    passed = 0

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(texts)
    def agree(text: str) -> None:
        nonlocal passed
        result = review(text, _CONTEXT)
        if result.blocked:
            return
        passed += 1
        users = zetasql.read(text)
        assert users.error or users.is_query, f"not a query: {text!r}"
        doubt = compare(zetasql.read(result.sql), result.tables)
        assert doubt is None or users.error, f"{doubt.message} {text!r} -> {result.sql!r}"
        assert review(result.sql, _CONTEXT).sql == result.sql, f"changes again: {result.sql!r}"

    try:
        agree()
    except AssertionError as found:
        print(f"Found: {found}")
        return 1
    print(f"{examples} texts, {passed} let through, no disagreement.")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else _EXAMPLES))
