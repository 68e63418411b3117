"""Which request ids of a caller are taken over."""

import pytest

from apps.gateway.engine import request_ids


@pytest.mark.parametrize("given", ["018f2f3e-0000-7000-8000-000000000001", "trace:abc.DEF_123"])
def test_a_well_formed_id_is_kept(given: str) -> None:
    assert request_ids.accepted(given) == given


@pytest.mark.parametrize("given", ["", "short", "a" * 200, "has space in it", "line\nbreak-12345", '"quoted-12345"'])
def test_another_one_is_not(given: str) -> None:
    assert request_ids.accepted(given) == ""
