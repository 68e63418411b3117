"""Runs profiling statements on real tables: DuckDB in memory, BigQuery SQL transpiled by sqlglot."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from apps.datasources.engine.classify.subject import Subject, subject
from apps.datasources.engine.profiling import statements
from apps.datasources.engine.profiling.families import Field, fields_of
from apps.datasources.engine.profiling.measuring import Measured, measure
from apps.datasources.engine.profiling.statements import Target
from apps.datasources.engine.recommend.keys import KeyGuess, guesses, settled
from apps.datasources.engine.recommend.proposal import Proposal, propose_all
from apps.policies.engine.pii.classify import classify_column
from apps.policies.engine.pii.verdict import Tier

CORPUS = Path(__file__).parents[2] / "corpora/catalog"
_DUCK = {"STRING": "VARCHAR", "INT64": "BIGINT", "FLOAT64": "DOUBLE", "NUMERIC": "DECIMAL(38,9)", "DATE": "DATE",
         "TIMESTAMP": "TIMESTAMPTZ", "DATETIME": "TIMESTAMP", "BOOL": "BOOLEAN", "JSON": "JSON"}  # fmt: skip


class Warehouse:
    """A few tables of one corpus file."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA w")
        self.types = {name: {c: t for c, (t, _) in table["columns"].items()} for name, table in tables.items()}
        for name, table in tables.items():
            outputs = ", ".join(
                f'CAST(({sql}) AS {_DUCK[type_]}) AS "{column}"' if type_ in _DUCK else f'({sql}) AS "{column}"'
                for column, (type_, sql) in table["columns"].items()
            )
            self.connection.execute(f'CREATE TABLE w."{name}" AS SELECT {outputs} FROM range({table["rows"]}) r(i)')
        self.sizes = {name: table["rows"] for name, table in tables.items()}

    def run(self, statement: exp.Expr) -> list[dict[str, Any]]:
        sql = sqlglot.transpile(statements.bigquery(statement), read="bigquery", write="duckdb")[0]
        cursor = self.connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def fields(self, name: str) -> list[Field]:
        return [field for column, type_ in self.types[name].items() for field in fields_of(column, type_)]

    def profile(self, name: str, percent: int = 100) -> Measured:
        """The whole profile of a table and the classes of its protected columns."""
        target = Target("w", name, self.sizes[name], percent)
        return measure(target, self.fields(name), self.run, lambda fields, sampled: protected(name, fields, sampled))

    def subjects(self) -> dict[str, Subject]:
        found = {name: self.profile(name) for name in self.types}
        return {name: subject(item.profile, pii=item.protected) for name, item in found.items()}

    def keys(self, tables: dict[str, Subject]) -> tuple[KeyGuess, ...]:
        names = list(tables)
        checked = []
        for guess in guesses(list(tables.values())):
            child, parent = (Target("w", names[place]) for place in (guess.child, guess.parent))
            [row] = self.run(statements.overlap(child, guess.column, parent, guess.ref_column))
            checked.append(guess.weighed(row["found"] / row["checked"] if row["checked"] else None))
        return settled(checked)

    def proposals(self) -> dict[str, Proposal]:
        tables = self.subjects()
        return dict(zip(tables, propose_all(list(tables.values()), self.keys(tables)), strict=True))


def protected(table: str, fields: list[Field], sampled: list[Counter[str]]) -> dict[str, str]:
    found = {}
    for field, values in zip(fields, sampled, strict=True):
        verdict = classify_column(field.name, field.type, values, table=table)
        if verdict.tier is Tier.HIGH and verdict.kind:
            found[field.name] = str(verdict.kind)
    return found


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    return content


def names() -> list[str]:
    return sorted(path.stem for path in CORPUS.glob("*.json"))
