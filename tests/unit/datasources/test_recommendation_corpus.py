"""Schemas nobody tuned for one by one: role, fields and keys of each table are what a person would choose."""

from functools import cache
from typing import Any

import pytest

from apps.datasources.engine.classify.subject import Subject
from apps.datasources.engine.recommend.proposal import Proposal
from tests.unit.datasources.duck import Warehouse, load, names

CASES = [(name, table) for name in names() for table in load(name)["expect"]]


@cache
def outcome(name: str) -> tuple[dict[str, Subject], dict[str, Proposal], set[str]]:
    warehouse = Warehouse(load(name)["tables"])
    tables = warehouse.subjects()
    proposals = warehouse.proposals()
    order = list(proposals)
    keys = {
        f"{order[key.child]}.{key.column}={order[key.parent]}.{key.ref_column}"
        for proposal in proposals.values()
        for key in proposal.keys
    }
    return tables, proposals, keys


def seen(proposal: Proposal, order: list[str]) -> dict[str, Any]:
    amount = proposal.amount
    return {
        "role": proposal.role.value,
        "time": proposal.time and proposal.time.column,
        "amount": amount and amount.column,
        "quantity": amount and amount.quantity,
        "discount": amount and amount.discount,
        "divisor": amount.divisor if amount else 1,
        "entity": proposal.entity and proposal.entity.column,
        "lender": order[proposal.lender.parent] if proposal.lender else None,
    }


@pytest.mark.parametrize(("name", "table"), CASES)
def test_table_is_recommended_as_a_person_would(name: str, table: str) -> None:
    tables, proposals, _ = outcome(name)
    expected = dict(load(name)["expect"][table])
    semantics = expected.pop("semantic", {})
    dimensions = expected.pop("dimensions", [])
    below = expected.pop("confidence_below", 1.01)
    found = seen(proposals[table], list(proposals))
    assert {key: found[key] for key in expected} == expected, proposals[table]
    assert set(dimensions) <= set(proposals[table].dimensions), proposals[table].dimensions
    assert 0 < proposals[table].classification.confidence < below
    assert proposals[table].classification.reasons
    meanings = {column.name: column.semantic.value for column in tables[table].columns}
    assert {column: meanings[column] for column in semantics} == semantics


@pytest.mark.parametrize("name", names())
def test_foreign_keys_are_found_between_tables(name: str) -> None:
    assert set(load(name)["keys"]) <= outcome(name)[2]
