"""Many callers at once: one chain, no gap, no fork, no deadlock, no wake-up lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection

from apps.audit.models import Entry, Person
from apps.audit.services import trail, verify
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.ids import new_id
from apps.core.permissions import Role
from apps.core.tenant import TenantRef


def _person(tenant: TenantRef, name: str) -> Actor:
    return Actor(new_id(), tenant, f"{name}@acme.test", name, Role.MEMBER, frozenset(), ActorKind.USER)


def test_sixteen_writers_make_one_chain(fresh_tenant: TenantRef) -> None:
    people = [_person(fresh_tenant, f"p{number}") for number in range(4)]

    def write(number: int) -> None:
        with tenant_context.entered(fresh_tenant), trail.unit_of_work():
            # The same people in another order each time: whoever locked them one by one would deadlock here.
            for person in people if number % 2 else reversed(people):
                trail.record(person, f"race.{number}")
        connection.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(48)))
    with tenant_context.entered(fresh_tenant):
        assert Entry.objects.filter(action__startswith="race.").count() == 48 * 4
        assert Person.objects.filter(kind="actor", label__startswith="p").count() == 4
        assert verify.verify_chain().whole


def test_an_entry_that_comes_while_the_log_is_written_wakes_the_relay_again(fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        trail.record(None, "test.first")
    with tenant_context.entered(None), connection.cursor() as cursor:
        claim = (
            "UPDATE tenancy_wakeup SET claimed_until = now() + interval '1 hour', due_at = now() + interval '1 hour'"
            " WHERE tenant_id = %s AND kind = 'audit-relay'"
        )
        cursor.execute(claim, [fresh_tenant.id])
    with tenant_context.entered(fresh_tenant):
        trail.record(None, "test.second")
    with tenant_context.entered(None), connection.cursor() as cursor:
        cursor.execute(
            "SELECT due_at < claimed_until FROM tenancy_wakeup WHERE tenant_id = %s AND kind = 'audit-relay'",
            [fresh_tenant.id],
        )
        assert cursor.fetchone() == (True,), "the claim's end would forget the row otherwise"


def _fail_after_recording(actor: Actor, action: str, *, refusal: str = "") -> None:
    with trail.unit_of_work():
        trail.record(actor, action)
        if refusal:
            trail.record_refusal(actor, refusal, reason="because")
        raise ZeroDivisionError


def test_what_a_nested_unit_rolled_back_is_not_recorded(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme):
        with trail.unit_of_work():
            with pytest.raises(ZeroDivisionError):
                _fail_after_recording(alice, "nested.never")
            trail.record(alice, "nested.kept")
        found = set(Entry.objects.filter(action__startswith="nested.").values_list("action", flat=True))
    assert found == {"nested.kept"}


def test_a_refusal_outlives_the_rollback_of_what_it_refused(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme):
        with pytest.raises(ZeroDivisionError):
            _fail_after_recording(alice, "refused.done", refusal="refused.kept")
        found = list(Entry.objects.filter(action__startswith="refused.").values_list("action", "outcome"))
    assert found == [("refused.kept", "refused")]


def test_an_entry_that_was_rolled_back_does_not_count_as_recorded(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme), trail.counted() as recorded:
        with pytest.raises(ZeroDivisionError):
            _fail_after_recording(alice, "counted.never")
        assert recorded == []
        trail.record(alice, "counted.kept")
        assert recorded == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_person (ref, kind, label) VALUES (gen_random_uuid(), 'actor', 'x')",
        "UPDATE audit_person SET label = 'x'",
        "DELETE FROM audit_person",
        "SELECT * FROM audit_secret",
        "SELECT audit_known('actor', NULL, 'x')",
        "TRUNCATE audit_entry",
        "SELECT audit_forget_unseen(0)",
        "INSERT INTO audit_entry SELECT * FROM audit_entry LIMIT 1",
    ],
)
def test_a_tenants_role_has_no_way_to_write_but_the_one_function(acme: TenantRef, statement: str) -> None:
    with tenant_context.entered(acme), pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_overlong_names_are_cut_and_do_not_fail_what_is_audited(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme):
        trail.record(alice.with_request("r" * 300), "cut." + "a" * 200, object_type="t" * 99, object_id="i" * 300)
        assert Entry.objects.filter(action__startswith="cut.").count() == 1


@pytest.mark.parametrize(("given", "kept"), [("a\x00b", "a\ufffdb"), ("a\ud800b", "a?b"), ("\U0001f600", "\U0001f600")])
def test_text_that_no_database_takes_is_recorded_all_the_same(
    acme: TenantRef, alice: Actor, given: str, kept: str
) -> None:
    with tenant_context.entered(acme):
        trail.record(alice, "test.text", summary={"text": given})
        newest = Entry.objects.filter(action="test.text").order_by("-seq").first()
        assert newest is not None
        assert newest.summary["text"] == kept
