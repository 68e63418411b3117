"""A permit crosses a process once, whole, in its tenant, for its actor and its statement; nothing else does."""

import base64
import dataclasses
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connections

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import AtomError, Forbidden
from apps.core.tenant import TenantRef
from apps.policies.contracts import Allow, Dialect, Estimate, ExecutionRequest, Permit, Purpose, TargetKind
from apps.policies.services import gate, permits, rotation, settings

SQL = "SELECT name FROM birds WHERE id = 7"


class View:
    """A catalog of one table, priced by bytes."""

    version = "1"
    billed_by_bytes = True

    def table(self, ref: object) -> None:
        return None

    def similar(self, ref: object) -> tuple[str, ...]:
        return ()

    def estimate(self, sql: str) -> Estimate:
        return Estimate(bytes=1_000, usd=Decimal("0.01"), rows=3)


@pytest.fixture
def inside(acme: TenantRef, alice: Actor, bob: Actor, mallory: Actor) -> Iterator[TenantRef]:
    with tenant_context.entered(acme):
        yield acme


def request_of(actor: Actor, **changes: object) -> ExecutionRequest:
    base = ExecutionRequest(
        actor=actor, connector="sandbox", dialect=Dialect.BIGQUERY, sql=SQL, purpose=Purpose.READ,
        datasource_id=uuid4(), target=TargetKind.SANDBOX,
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def permit_of(actor: Actor) -> Permit:
    return gate.require_permit(gate.decide(request_of(actor), estimator=View()))


def refused(token: str, actor: Actor, sql: str) -> str:
    with pytest.raises(Forbidden) as caught:
        permits.redeem(token, actor=actor, sql=sql)
    return caught.value.message


def test_a_permit_comes_back_as_the_gate_made_it(inside: TenantRef, alice: Actor) -> None:
    permit = permit_of(alice)
    again = permits.redeem(permits.issue(permit), actor=alice, sql=permit.sql)
    assert type(again) is type(permit)
    assert isinstance(again, Permit)
    for field in dataclasses.fields(permit):
        assert getattr(again, field.name) == getattr(permit, field.name), field.name
    assert again.reservation is not None


def test_a_token_shows_nothing_of_the_statement(inside: TenantRef, alice: Actor) -> None:
    token = permits.issue(permit_of(alice))
    raw = base64.urlsafe_b64decode(token.split(".")[2] + "==")
    assert b"birds" not in raw
    assert b"alice" not in raw


def test_a_token_works_once_however_many_ask_at_the_same_time(inside: TenantRef, alice: Actor) -> None:
    permit = permit_of(alice)
    token, outcomes = permits.issue(permit), []

    def run() -> None:
        try:
            with tenant_context.entered(inside):
                outcomes.append(type(permits.redeem(token, actor=alice, sql=permit.sql)).__name__)
        except AtomError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == sorted([type(permit).__name__, *["PERMIT_INVALID"] * 4])
    assert refused(token, alice, permit.sql) == "The permit has been used."


def test_every_changed_byte_is_noticed_and_recorded(inside: TenantRef, alice: Actor) -> None:
    permit = permit_of(alice)
    prefix, version, text = permits.issue(permit).split(".")
    before = Entry.objects.filter(action="gate.permit_refused").count()
    places = range(0, len(text), max(1, len(text) // 12))
    for place in places:
        other = "A" if text[place] != "A" else "B"
        assert refused(f"{prefix}.{version}.{text[:place]}{other}{text[place + 1 :]}", alice, permit.sql)
    assert Entry.objects.filter(action="gate.permit_refused").count() == before + len(places)


@pytest.mark.parametrize("token", ["", "x", "permit.v1.", "permit.v1.!!!", "permit.v1.AAAA", "permit.v2.AAAA"])
def test_what_is_no_token_is_refused(inside: TenantRef, alice: Actor, token: str) -> None:
    assert refused(token, alice, SQL)


def test_another_tenant_another_actor_and_another_statement_get_nothing(
    inside: TenantRef, alice: Actor, bob: Actor, globex: TenantRef, mallory: Actor
) -> None:
    permit = permit_of(alice)
    token = permits.issue(permit)
    with tenant_context.entered(globex):
        assert "another tenant" in refused(token, mallory, permit.sql)
        with pytest.raises(Forbidden):
            permits.issue(permit)
    assert "somebody else" in refused(token, bob, permit.sql)
    assert "another statement" in refused(token, alice, "DROP TABLE birds")
    assert isinstance(permits.redeem(token, actor=alice, sql=permit.sql), Permit), "none of them used it up"


def test_a_token_expires(inside: TenantRef, alice: Actor) -> None:
    permit = permit_of(alice)
    token = permits.issue(permit, lifetime=timedelta(minutes=1))
    with clock.frozen(clock.now() + timedelta(minutes=1, seconds=1)):
        assert "expired" in refused(token, alice, permit.sql)
    forever = permits.issue(permit, lifetime=timedelta(days=900))
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert "expired" in refused(forever, alice, permit.sql)


def test_rights_are_those_of_now_and_a_changed_policy_asks_the_gate_again(inside: TenantRef, alice: Actor) -> None:
    permit = permit_of(alice)
    fewer = dataclasses.replace(alice, scopes=frozenset({"queries:run"}))
    again = permits.redeem(permits.issue(permit), actor=fewer, sql=permit.sql)
    assert again.request.actor.scopes == frozenset({"queries:run"})
    token = permits.issue(permit)
    before = settings.stored().row_limit
    settings.change(alice, row_limit=9_000)
    try:
        assert "policy has changed" in refused(token, alice, permit.sql)
    finally:
        settings.change(alice, row_limit=before)


def test_a_permit_for_a_real_target_stops_where_real_execution_is_off(inside: TenantRef, alice: Actor) -> None:
    """The decision was made where it was on; the worker's own environment counts too."""
    from apps.policies._seal import SEAL  # noqa: PLC0415 - stands for a gate that was open
    from apps.policies.services.reviews import sha256  # noqa: PLC0415

    request = request_of(alice, target=TargetKind.EXTERNAL_POSTGRES, connector="postgres", dialect=Dialect.POSTGRES)
    permit = Allow(
        seal=SEAL, request=request, sql=SQL, query_hash=sha256(SQL), policy_version="1", row_limit=1, timeout_ms=1
    )
    with pytest.raises(Forbidden) as caught:
        permits.redeem(permits.issue(permit), actor=alice, sql=SQL)
    assert caught.value.code == "REAL_EXECUTION_OFF"


def test_a_token_outlives_a_new_data_key(inside: TenantRef, alice: Actor) -> None:
    permit = permit_of(alice)
    token = permits.issue(permit)
    rotation.rotate_data_key(inside)
    assert isinstance(permits.redeem(token, actor=alice, sql=permit.sql), Permit)
