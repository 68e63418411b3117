"""The database keeps tenants apart, whatever the code above it does (P5)."""

import secrets
import threading

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit.models import Entry
from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.db import prepared
from apps.core.errors import NoTenant, TenantChangedInTransaction
from apps.core.tenant import TenantRef
from apps.policies.models import LedgerEntry
from apps.tenancy.models import Membership, User
from apps.tenancy.services import identity


def _fetch(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_a_tenant_table_without_a_tenant_raises() -> None:
    with pytest.raises(NoTenant):
        LedgerEntry.objects.count()


def test_raw_sql_of_one_tenant_cannot_read_the_other(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_context.entered(acme), pytest.raises(DatabaseError, match="permission denied"):
        _fetch(f'SELECT * FROM "{globex.schema_name}".audit_entry')


def test_the_runtime_role_alone_reads_no_tenant_schema(acme: TenantRef) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        _fetch(f'SELECT * FROM "{acme.schema_name}".audit_entry')


def test_a_tenant_sees_only_its_own_people_in_public(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_context.entered(acme):
        emails = {row[0] for row in _fetch("SELECT email FROM public.tenancy_user")}
    assert "alice@acme.test" in emails
    assert "mallory@globex.test" not in emails


def test_a_tenant_cannot_read_password_hashes_or_sessions(acme: TenantRef) -> None:
    for sql in ("SELECT password FROM public.tenancy_user", "SELECT * FROM public.django_session"):
        with tenant_context.entered(acme), pytest.raises(DatabaseError, match="permission denied"):
            _fetch(sql)


def test_a_forged_setting_changes_nothing(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_context.entered(acme):
        _fetch(f"SELECT set_config('request.jwt.claims', '{{\"tenant\":\"{globex.id}\"}}', false)")
        assert _fetch("SELECT count(*) FROM public.tenancy_tenant") == [(1,)]


def test_changing_the_tenant_inside_a_transaction_is_refused(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_context.entered(acme), transaction.atomic():
        _fetch("SELECT 1")
        with tenant_context.entered(globex), pytest.raises(TenantChangedInTransaction):
            _fetch("SELECT 1")


def test_a_rollback_does_not_leave_another_tenants_role(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_context.entered(acme), pytest.raises(DatabaseError), transaction.atomic():
        _fetch("SELECT 1/0")
    with tenant_context.entered(globex):
        assert _fetch("SELECT current_user, current_schema()") == [(globex.role_name, globex.schema_name)]


def test_a_savepoint_rollback_keeps_the_tenant(acme: TenantRef) -> None:
    with tenant_context.entered(acme), transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic():
            _fetch("SELECT 1/0")
        assert _fetch("SELECT current_user") == [(acme.role_name,)]


def test_a_connection_comes_back_from_the_pool_clean(acme: TenantRef) -> None:
    with tenant_context.entered(acme):
        _fetch("SELECT set_config('work_mem', '1MB', false)")
    connection.close()
    for _ in range(5):
        row = _fetch("SELECT current_user, current_setting('search_path'), current_setting('work_mem')")[0]
        assert "_t_" not in str(row[0])
        assert row[1] == "public"
        assert row[2] != "1MB"
        connection.close()


def test_entering_a_tenant_costs_one_round_trip(acme: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    _fetch("SELECT 1")
    before = connection.connection.info.backend_pid
    sent: list[str] = []
    original = psycopg.Cursor.execute

    def counting(self: object, query: object, *args: object, **kwargs: object) -> object:
        sent.append(str(query))
        return original(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", counting)
    with tenant_context.entered(acme):
        _fetch("SELECT 1")
        _fetch("SELECT 2")
    assert connection.connection.info.backend_pid == before
    assert [text for text in sent if "set_config" in text] == [sent[0]]
    assert len(sent) == 3


def test_prepared_statements_follow_the_tenant(acme: TenantRef, globex: TenantRef) -> None:
    statement = "SELECT current_user::text, count(*) FROM audit_entry"
    seen = []
    for tenant in (acme, globex) * 6:
        with tenant_context.entered(tenant):
            seen.append(prepared.fetch_one(statement, []))
            assert seen[-1] == (tenant.role_name, Entry.objects.count())
    with pytest.raises(DatabaseError):
        prepared.fetch_one("SELECT 1/0", [])


def test_identity_enters_the_tenant_it_finds(acme: TenantRef, globex: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(globex):
        assert identity.from_session(alice.id, "acme")  # type: ignore[arg-type]  # alice has an id
        assert _fetch("SELECT current_user, current_schema()") == [(globex.role_name, globex.schema_name)]
    assert identity.from_session(alice.id, "acme")  # type: ignore[arg-type]
    with psycopg.Cursor(connection.connection) as cursor:
        found = cursor.execute("SELECT current_user, current_schema()").fetchone()
    assert found == (acme.role_name, acme.schema_name)
    assert _fetch("SELECT current_schema()") == [("public",)]

    def rolled_back() -> None:
        with transaction.atomic():
            identity.from_session(alice.id, "acme")  # type: ignore[arg-type]
            raise LookupError

    with pytest.raises(LookupError):
        rolled_back()
    assert _fetch("SELECT current_schema()") == [("public",)]


def test_what_goes_together_happens_whole_or_not_at_all(acme: TenantRef) -> None:
    add = "INSERT INTO public.django_session (session_key, session_data, expire_date) VALUES (%s, '', now())"
    first, second = secrets.token_hex(16), secrets.token_hex(16)
    done: list[str] = []

    def failing() -> None:
        with prepared.together():
            prepared.execute(add, [first])
            prepared.when_done(lambda: done.append("first"))
            prepared.execute("SELECT 1 / (SELECT 0)", [])

    with pytest.raises(DatabaseError):
        failing()
    assert done == []
    assert _fetch("SELECT current_schema()") == [("public",)]
    with prepared.together():
        prepared.execute(add, [second])
        prepared.when_done(lambda: done.append("second"))
        assert done == []
    assert done == ["second"]
    held = f"SELECT session_key FROM public.django_session WHERE session_key IN ('{first}', '{second}')"
    assert _fetch(held) == [(second,)]
    _fetch(f"DELETE FROM public.django_session WHERE session_key = '{second}' RETURNING 1")


def test_concurrent_threads_never_see_anothers_rows(acme: TenantRef, globex: TenantRef) -> None:
    for tenant in (acme, globex):
        with tenant_context.entered(tenant):
            trail.record(Actor.system(tenant), f"canary.{tenant.slug}")
    wrong: list[str] = []

    def look(tenant: TenantRef, other: TenantRef) -> None:
        for _ in range(30):
            with tenant_context.entered(tenant):
                if Entry.objects.filter(action=f"canary.{other.slug}").exists():
                    wrong.append(tenant.slug)
                if not Entry.objects.filter(action=f"canary.{tenant.slug}").exists():
                    wrong.append(f"{tenant.slug} missed its own")
            connection.close()

    threads = [threading.Thread(target=look, args=pair) for pair in [(acme, globex), (globex, acme)] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_person_with_password_is_unreadable_inside_a_tenant(acme: TenantRef) -> None:
    with tenant_context.entered(acme):
        assert Membership.objects.filter(tenant_id=acme.id).count() >= 3
        with pytest.raises(DatabaseError, match="permission denied"):
            User.objects.get(email="alice@acme.test")
