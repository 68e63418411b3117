"""The audit trail: chained, immutable to every role, appended last, and provable."""

import io

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from apps.audit.models import Entry
from apps.audit.selectors import entries
from apps.audit.services import trail, verify
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.core.tenant import TenantRef
from apps.tenancy.models import User
from apps.tenancy.services.migrations import runner


def test_entries_are_chained_and_verify(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme):
        trail.record(alice, "test.one", summary={"zahl": 1.5, "text": "Grüße"})
        trail.record(alice, "test.two")
        last, before = Entry.objects.order_by("-seq")[:2]
        assert bytes(last.prev_hash) == bytes(before.hash)
        assert verify.verify_chain().whole


@pytest.mark.parametrize("sql", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_update_and_delete_are_denied_to_the_runtime_role(acme: TenantRef, sql: str) -> None:
    with tenant_context.entered(acme), pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(sql)


def test_even_the_owner_is_refused_by_the_trigger(acme: TenantRef) -> None:
    with runner.connect() as raw, pytest.raises(Exception, match="cannot be changed"):
        raw.execute(f'DELETE FROM "{acme.schema_name}".audit_entry')


def test_a_changed_row_is_named(fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        for number in range(5):
            trail.record(Actor.system(fresh_tenant), f"test.{number}")
    with runner.connect() as raw:
        raw.execute(f'ALTER TABLE "{fresh_tenant.schema_name}".audit_entry DISABLE TRIGGER audit_immutable')
        raw.execute(f"UPDATE \"{fresh_tenant.schema_name}\".audit_entry SET action = 'forged' WHERE action = 'test.2'")
    with tenant_context.entered(fresh_tenant):
        broken = verify.verify_chain()
        assert broken.first_broken == Entry.objects.get(action="forged").seq


def test_the_command_names_the_broken_chain_and_exits_with_one(fresh_tenant: TenantRef) -> None:
    with tenant_context.entered(fresh_tenant):
        trail.record(Actor.system(fresh_tenant), "test.whole")
    out = io.StringIO()
    call_command("verify_audit", only=fresh_tenant.slug, stdout=out)
    assert "whole" in out.getvalue()
    with runner.connect() as raw:
        raw.execute(f'ALTER TABLE "{fresh_tenant.schema_name}".audit_entry DISABLE TRIGGER audit_immutable')
        raw.execute(f"UPDATE \"{fresh_tenant.schema_name}\".audit_entry SET outcome = 'forged' WHERE seq = 1")
    with pytest.raises(SystemExit):
        call_command("verify_audit", only=fresh_tenant.slug, stdout=out)
    assert "BROKEN at 1" in out.getvalue()


def test_a_rolled_back_unit_leaves_no_entry(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme):
        with pytest.raises(ZeroDivisionError):
            _fail_after_recording(alice)
        assert not Entry.objects.filter(action="test.never").exists()


def test_a_change_in_public_joins_the_chain_of_its_tenant_in_one_commit(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme):
        with trail.in_public():
            assert tenant_context.current() is None
            user = User.objects.get(id=alice.id)
            trail.record(alice, "test.in_public", object_id=user.id)
        assert Entry.objects.get(action="test.in_public").object_id == str(alice.id)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (acme.role_name,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone() == ("public",)


def test_a_change_in_public_that_fails_leaves_neither(acme: TenantRef, alice: Actor) -> None:
    def failing() -> None:
        with trail.in_public():
            User.objects.filter(id=alice.id).update(name="Nobody")
            trail.record(alice, "test.lost")
            raise ZeroDivisionError

    with tenant_context.entered(acme):
        with pytest.raises(ZeroDivisionError):
            failing()
        assert not Entry.objects.filter(action="test.lost").exists()
    assert User.objects.get(id=alice.id).name == "Alice"


def test_without_a_tenant_a_change_in_public_is_the_platforms(acme: TenantRef) -> None:
    with trail.in_public():
        trail.record(None, "test.platform")
    assert Entry.objects.get(action="test.platform")


def _fail_after_recording(actor: Actor) -> None:
    with trail.unit_of_work():
        trail.record(actor, "test.never")
        raise ZeroDivisionError


def test_people_are_pseudonyms_in_the_chain(acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme):
        trail.record(alice, "test.pseudonym")
        entry = Entry.objects.get(action="test.pseudonym")
        assert entry.actor_ref != alice.id
        assert entries.labels_of([entry]) == {entry.actor_ref: "alice@acme.test"}


def test_a_viewer_may_not_read_the_trail(acme: TenantRef, carol: Actor) -> None:
    with tenant_context.entered(acme), pytest.raises(Forbidden):
        entries.list_entries_for(carol, entries.EntryFilter())
