"""A POST under an Idempotency-Key is done once and answered every time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.tenant import TenantRef
from apps.gateway.models import KeptAnswer
from apps.gateway.services import answers

QUERY = "/api/v1/data/query"
Api = Callable[[Actor | None], Any]
InTenant = Callable[[TenantRef], AbstractContextManager[None]]


def test_the_same_key_and_payload_give_the_stored_answer(api: Api, alice: Actor) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = api(alice).post(QUERY, {"sql": "SELECT clock_timestamp()"}, headers=key)
    again = api(alice).post(QUERY, {"sql": "SELECT clock_timestamp()"}, headers=key)
    assert first.status_code == 200, first.content
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotency-Replayed"] == "true"


def test_the_same_key_with_another_payload_is_a_conflict(api: Api, alice: Actor) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    api(alice).post(QUERY, {"sql": "SELECT 1"}, headers=key)
    refused = api(alice).post(QUERY, {"sql": "SELECT 2"}, headers=key)
    assert (refused.status_code, orjson.loads(refused.content)["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_a_key_is_one_persons_own(api: Api, alice: Actor, bob: Actor) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    api(alice).post(QUERY, {"sql": "SELECT 1"}, headers=key)
    assert "Idempotency-Replayed" not in api(bob).post(QUERY, {"sql": "SELECT 1"}, headers=key)


def test_an_ill_formed_key_is_refused(api: Api, alice: Actor) -> None:
    refused = api(alice).post(QUERY, {"sql": "SELECT 1"}, headers={"Idempotency-Key": "k" * 201})
    assert refused.status_code == 400


def test_a_claim_under_way_refuses_a_second_and_is_taken_over_when_abandoned(
    in_tenant: InTenant, acme: TenantRef, alice: Actor
) -> None:
    assert alice.id
    with in_tenant(acme):
        key, request_hash = str(uuid4()), answers.fingerprint("POST", "/x", b"{}")
        first = answers.claim(alice.id, key, request_hash)
        with pytest.raises(Conflict) as refused:
            answers.claim(alice.id, key, request_hash)
        assert refused.value.code == "IDEMPOTENCY_IN_PROGRESS"
        KeptAnswer.objects.filter(id=first.id).update(updated_at=clock.now() - timedelta(minutes=6))
        assert answers.claim(alice.id, key, request_hash) == answers.Claim(first.id)


def test_work_that_failed_gives_the_key_back(in_tenant: InTenant, acme: TenantRef, alice: Actor) -> None:
    assert alice.id
    with in_tenant(acme):
        key, request_hash = str(uuid4()), answers.fingerprint("POST", "/x", b"{}")
        answers.give_back(answers.claim(alice.id, key, request_hash))
        assert answers.claim(alice.id, key, answers.fingerprint("POST", "/y", b"{}")).kept is None


def test_an_expired_answer_is_forgotten(in_tenant: InTenant, acme: TenantRef, alice: Actor) -> None:
    assert alice.id
    with in_tenant(acme):
        key = str(uuid4())
        first = answers.claim(alice.id, key, "a" * 64)
        answers.keep(first, status=200, content_type="application/json", body=b"{}")
        KeptAnswer.objects.filter(id=first.id).update(expires_at=clock.now() - timedelta(seconds=1))
        assert answers.claim(alice.id, key, "b" * 64).kept is None
