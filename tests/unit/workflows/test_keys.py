"""Canonical JSON and the keys made from it."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.workflows.engine import keys

ACME, GLOBEX = UUID(int=1), UUID(int=2)
RUN = UUID(int=3)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=6))
def test_the_order_of_members_does_not_change_a_key(value: dict[str, object]) -> None:
    assert keys.sha256_of(value) == keys.sha256_of(dict(reversed(value.items())))


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        keys.canonical({"share": float("nan")})


def test_a_run_key_belongs_to_one_tenant_and_one_flow() -> None:
    hashed = keys.sha256_of({})
    made = {keys.run_key("f", ACME, hashed), keys.run_key("f", GLOBEX, hashed), keys.run_key("g", ACME, hashed)}
    assert len(made) == 3


def test_a_logical_key_stands_in_for_the_input() -> None:
    one, other = keys.sha256_of({"at": 1}), keys.sha256_of({"at": 2})
    assert keys.run_key("f", ACME, one, "week 7") == keys.run_key("f", ACME, other, "week 7")


def test_sampling_and_earlier_outputs_change_the_input_of_a_step() -> None:
    base = keys.step_input_hash({"a": 1}, {"before": "x"}, sampling=False)
    assert base != keys.step_input_hash({"a": 1}, {"before": "y"}, sampling=False)
    assert base != keys.step_input_hash({"a": 1}, {"before": "x"}, sampling=True)


def test_an_idempotency_key_names_tenant_run_step_and_input() -> None:
    assert keys.idempotency_key(ACME, RUN, "scan", "abc") == f"{ACME}:{RUN}:scan:abc"
