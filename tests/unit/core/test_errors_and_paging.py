"""Small parts of core, without a database."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock, ids, permissions
from apps.core.errors import AtomError, InvalidInput, LimitReached
from apps.core.logging import redact_secrets
from apps.core.permissions import Role, Scope
from apps.core.problems import body_of
from apps.core.redaction import redact_text


def test_ids_made_later_sort_later() -> None:
    made = [ids.new_id() for _ in range(100)]
    assert made == sorted(made)
    assert made[0].version == 7


def test_a_frozen_clock_stands_still() -> None:
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == at
    assert clock.now() != at


def test_a_problem_has_code_detail_and_request_id() -> None:
    body = body_of(InvalidInput("No.", next_steps=["Try yes."], extra={"errors": []}), "req-1")
    assert body["code"] == "INVALID_INPUT"
    assert body["request_id"] == "req-1"
    assert body["next_steps"] == [{"label": "Try yes."}]
    assert body["status"] == 400


def test_a_limit_carries_retry_after() -> None:
    assert LimitReached("Slow down.", retry_after=7).headers["Retry-After"] == "7"


def test_an_unknown_failure_says_nothing_of_its_cause() -> None:
    assert "cause" not in body_of(AtomError(), "r")["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "postgresql://alice:hunter2@db/atom",
        "Authorization: Bearer abcdefghijklmnop",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
    ],
)
def test_secret_shapes_never_reach_a_log(text: str) -> None:
    redacted = redact_text(text)
    assert "[REDACTED:secret]" in redacted
    for part in ("hunter2", "abcdefghijklmnop", "MIIE", "c2lnbmF0dXJl"):
        assert part not in redacted


def test_secret_names_never_reach_a_log() -> None:
    event = redact_secrets(None, "", {"event": "x", "nested": {"api_key": "k1"}, "password": "p1"})
    assert "k1" not in str(event)
    assert "p1" not in str(event)


@given(st.sampled_from(list(Role)), st.text(max_size=20))
def test_a_role_header_never_widens(role: Role, wish: str) -> None:
    assert permissions.ROLE_SCOPES[permissions.narrowed(role, wish)] <= permissions.ROLE_SCOPES[role]


def test_no_role_reads_personal_data_in_clear() -> None:
    assert all(Scope.PII_READ not in permissions.ROLE_SCOPES[role] for role in Role)
    assert Scope.PII_READ in permissions.scopes_of(Role.VIEWER, frozenset({"pii:read", "made:up"}))
    assert "made:up" not in permissions.scopes_of(Role.ADMIN, frozenset({"made:up"}))
