"""What audit keeps and what goes: people after their days, entries after a purge and theirs, a signed head never."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from apps.audit.contracts import Finding
from apps.audit.models import Entry, Person, RetainedChain
from apps.audit.selectors import entries
from apps.audit.services import duties, retained, retention, trail, verify
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import InvalidInput
from apps.core.tenant import TenantRef
from apps.tenancy.services.migrations import runner
from tests.integration.audit.tampering import as_owner, grow
from tests.support import cast


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """The admin of the fresh tenant, who has done five things."""
    found = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    grow(fresh_tenant, 5, found)
    return found


def _retained_rows(tenant: TenantRef) -> int:
    with tenant_context.entered(None), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_retained WHERE tenant_id = %s", [tenant.id])
        return int(cursor.fetchone()[0])


def test_a_purged_tenants_entries_stay_in_public_without_its_people_and_still_verify(
    fresh_tenant: TenantRef, frida: Actor
) -> None:
    head = retention.move_to_public(fresh_tenant)
    assert retention.forget_people(fresh_tenant) >= 1
    assert _retained_rows(fresh_tenant) == head.entries >= 5
    assert retained.verify_retained(fresh_tenant.id).whole
    with runner.connect() as raw:
        rows = raw.execute("SELECT r::text FROM public.audit_retained r WHERE tenant_id = %s", [fresh_tenant.id])
        assert "frida" not in "".join(row[0] for row in rows.fetchall())
        for table in ("audit_person", "audit_secret"):
            left = raw.execute(f'SELECT count(*) FROM "{fresh_tenant.schema_name}".{table}').fetchone()
            assert left == (0,), table


def test_moving_again_takes_what_came_since_and_doubles_nothing(fresh_tenant: TenantRef, frida: Actor) -> None:
    first = retention.move_to_public(fresh_tenant)
    grow(fresh_tenant, 2)
    second = retention.move_to_public(fresh_tenant)
    assert second.entries == _retained_rows(fresh_tenant) == first.entries + 2
    assert retained.verify_retained(fresh_tenant.id).whole


def test_forgetting_people_leaves_the_living_chain_whole_and_nameless(fresh_tenant: TenantRef, frida: Actor) -> None:
    retention.forget_people(fresh_tenant)
    with tenant_context.entered(fresh_tenant):
        assert verify.verify_chain().whole
        assert entries.labels_of(list(Entry.objects.all())) == {}
        trail.record(frida, "test.again")
        old, new = Entry.objects.filter(action__in=["test.0", "test.again"]).order_by("seq")
        assert old.actor_ref != new.actor_ref, "with the key gone, nobody can tie the new pseudonym to the old one"


def test_nobody_may_change_or_drop_retained_entries_as_the_runtime_role(fresh_tenant: TenantRef, frida: Actor) -> None:
    retention.move_to_public(fresh_tenant)
    partition = f"audit_retained_{fresh_tenant.id.hex}"
    for statement in (
        "DELETE FROM audit_retained",
        "UPDATE audit_retained SET action = 'x'",
        "UPDATE audit_retained_chain SET keep_until = now()",
        f"DROP TABLE {partition}",
        f"SELECT * FROM {partition}",
    ):
        with tenant_context.entered(None), pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)
    with tenant_context.entered(fresh_tenant), pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM public.audit_retained")
    with runner.connect() as raw, pytest.raises(Exception, match="cannot be changed"):
        raw.execute(f"TRUNCATE public.{partition}")


def test_a_changed_retained_entry_is_named(fresh_tenant: TenantRef, frida: Actor) -> None:
    retention.move_to_public(fresh_tenant)
    name = f"public.audit_retained_{fresh_tenant.id.hex}"
    with runner.connect() as raw:
        raw.execute(f"ALTER TABLE {name} DISABLE TRIGGER audit_immutable")
        raw.execute(f"UPDATE {name} SET action = 'forged' WHERE seq = 2")
    found = retained.verify_retained(fresh_tenant.id)
    assert (found.finding, found.first_broken) == (Finding.ROW_BROKEN, 2)
    _let_the_days_pass(fresh_tenant)
    assert fresh_tenant.id not in retention.drop_expired(), "a chain that does not verify is for a person to look at"


def test_after_its_days_the_entries_are_dropped_and_the_signed_head_stays(
    fresh_tenant: TenantRef, frida: Actor
) -> None:
    moved = retention.move_to_public(fresh_tenant)
    assert moved.keep_until - moved.moved_at == pytest.approx(timedelta(days=90), abs=timedelta(minutes=1))
    assert fresh_tenant.id not in retention.drop_expired()
    _let_the_days_pass(fresh_tenant)
    assert fresh_tenant.id in retention.drop_expired()
    assert _retained_rows(fresh_tenant) == 0
    head = retained.head_of(fresh_tenant.id)
    assert head.dropped_at is not None
    assert (head.last_seq, bytes(head.last_hash)) == (moved.last_seq, bytes(moved.last_hash))
    assert retained.holds(head)
    assert retention.drop_expired() == []


def test_a_legal_hold_outlasts_the_days(fresh_tenant: TenantRef, frida: Actor) -> None:
    retention.move_to_public(fresh_tenant)
    retention.hold(fresh_tenant.id, legal_hold=True)
    _let_the_days_pass(fresh_tenant)
    assert fresh_tenant.id not in retention.drop_expired()
    retention.hold(fresh_tenant.id, legal_hold=False)
    assert fresh_tenant.id in retention.drop_expired()


def test_the_tenants_own_days_and_hold_go_along(fresh_tenant: TenantRef, frida: Actor) -> None:
    with tenant_context.entered(fresh_tenant):
        retention.set_rule(frida, retention.Rule(keep_days=400, legal_hold=True))
        assert Entry.objects.filter(action="audit.retention_changed").exists()
    moved = retention.move_to_public(fresh_tenant)
    assert moved.legal_hold
    assert (moved.keep_until - moved.moved_at).days in (399, 400)


@pytest.mark.parametrize("days", [0, 29, 3651, -1])
def test_days_that_nobody_may_choose_are_refused(fresh_tenant: TenantRef, frida: Actor, days: int) -> None:
    with tenant_context.entered(fresh_tenant), pytest.raises(InvalidInput):
        retention.set_rule(frida, retention.Rule(keep_days=days))


def test_a_signed_head_that_was_edited_does_not_hold(fresh_tenant: TenantRef, frida: Actor) -> None:
    retention.move_to_public(fresh_tenant)
    with runner.connect() as raw:
        raw.execute(
            "UPDATE public.audit_retained_chain SET last_seq = last_seq + 1 WHERE tenant_id = %s", [fresh_tenant.id]
        )
    assert retained.verify_retained(fresh_tenant.id).finding is Finding.ANCHOR_BROKEN


def test_people_unseen_for_their_days_are_forgotten_and_others_not(fresh_tenant: TenantRef, frida: Actor) -> None:
    old, recent = "198.51.100.7", "203.0.113.9"
    with tenant_context.entered(fresh_tenant):
        with trail.asked_from(old):
            trail.record(None, "test.old")
        with as_owner(fresh_tenant) as raw:
            raw.execute("UPDATE audit_entry SET at = at - interval '91 days'")
        with trail.asked_from(recent):
            trail.record(frida, "test.recent")
        assert retention.forget_unseen(fresh_tenant) == 1
        assert set(Person.objects.filter(kind="address").values_list("label", flat=True)) == {recent}
        assert Person.objects.filter(kind="actor", actor_id=frida.id).exists()
        assert Entry.objects.filter(action="audit.people_forgotten").exists()


def test_a_hold_keeps_people_too(fresh_tenant: TenantRef, frida: Actor) -> None:
    with tenant_context.entered(fresh_tenant):
        retention.set_rule(frida, retention.Rule(legal_hold=True))
        with as_owner(fresh_tenant) as raw:
            raw.execute("UPDATE audit_entry SET at = at - interval '91 days'")
        assert retention.forget_unseen(fresh_tenant) == 0


def test_the_daily_duty_anchors_and_sets_the_next(fresh_tenant: TenantRef, frida: Actor) -> None:
    with tenant_context.entered(fresh_tenant):
        duties.daily("", fresh_tenant)
        assert Entry.objects.filter(action="audit.anchored").count() == 1
    with tenant_context.entered(None), connection.cursor() as cursor:
        cursor.execute(
            "SELECT due_at FROM tenancy_wakeup WHERE tenant_id = %s AND kind = 'audit-daily'", [fresh_tenant.id]
        )
        due = cursor.fetchone()[0]
    assert timedelta(hours=23) < due - clock.now() < timedelta(hours=25)


def _let_the_days_pass(tenant: TenantRef) -> None:
    with runner.connect() as raw:
        raw.execute(
            "UPDATE public.audit_retained_chain SET keep_until = now() - interval '1 second' WHERE tenant_id = %s",
            [tenant.id],
        )
    assert RetainedChain.objects.filter(tenant_id=tenant.id).exists()
