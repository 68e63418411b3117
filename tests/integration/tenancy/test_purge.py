"""The end of a tenant: counted, asked once, closed at once, removed everywhere, proven; a kill is gone on with."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client

from apps.audit.services import retained
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor, ActorKind
from apps.core.errors import Conflict, InvalidInput, Unauthorised
from apps.core.ids import new_id
from apps.core.permissions import Role
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.realtime.services import publisher
from apps.tenancy.enums import PurgeState, TenantStatus
from apps.tenancy.models import (
    ApiLogin,
    Domain,
    ExternalIdentity,
    Invitation,
    Letter,
    Membership,
    PageSession,
    Purge,
    SignInProvider,
    SlugAlias,
    Subscription,
    Tenant,
    UsageDay,
    UsageMonth,
    User,
    Wakeup,
)
from apps.tenancy.services import letters, members, personal_tokens, provisioning, sessions, tokens
from apps.tenancy.services import wakeups as due
from apps.tenancy.services.migrations.connections import connect
from apps.tenancy.services.purges import asking, receipts, running, stores
from apps.workflows.models import WorkflowRun
from atom_project.config import config
from tests.support import cast, killed


@pytest.fixture
def doomed(world: dict[str, TenantRef]) -> Iterator[TenantRef]:
    """A tenant with an admin of its own, a member who is also in acme, and something in every store."""
    slug = f"doomed-{new_id().hex[-12:]}"
    ref = provisioning.provision(slug, "Doomed")
    members.ensure_member(ref, email=f"frida@{slug}.test", name="Frida", role=Role.ADMIN, password=cast.PASSWORD)
    members.ensure_member(ref, email="bob@acme.test", name="Bob", role=Role.MEMBER, password=None)
    redis_client().set(f"t:{ref.id}:results:x", "1", ex=600)
    publisher.publish(ref.id, "notifications", {"kind": "probe"})
    with tenant_context.entered(ref):
        due.schedule_now("outbox")
    yield ref
    if Tenant.objects.filter(id=ref.id).exists():
        provisioning.remove(ref.id)
    stores.remove_all(ref)


@pytest.fixture
def frida(doomed: TenantRef) -> Actor:
    """Its admin."""
    return cast.actor(f"frida@{doomed.slug}.test", doomed)


def _purged(frida: Actor, tenant: TenantRef, **how: Any) -> Purge:
    purge = asking.ask(frida, tenant, confirm=True, **how)
    running.run(str(purge.id))
    return Purge.objects.get(id=purge.id)


def test_the_preview_counts_every_store(api: Callable[..., Any], frida: Actor, doomed: TenantRef) -> None:
    answer = api(frida).get("/api/v1/tenants/purge/preview")
    assert answer.status_code == 200
    found = answer.json()["stores"]
    assert found["cluster"] == {"schemas": 1, "databases": 1, "roles": 4}
    assert found["people"] == {"memberships": 2, "people without another workspace": 1, "letters waiting": 0}
    assert found["redis"]["keys"] >= 2
    assert found["schema"]["audit_entry"] > 0
    assert found["shared tables"]["tenancy_wakeup"] >= 1


def test_after_a_purge_nothing_of_the_tenant_is_left(frida: Actor, doomed: TenantRef) -> None:
    purge = _purged(frida, doomed)
    assert purge.state == PurgeState.DONE
    assert stores.is_clean(stores.count_all(doomed))
    assert not Tenant.objects.filter(id=doomed.id).exists()
    assert not User.objects.filter(email=frida.email).exists()
    assert User.objects.filter(email="bob@acme.test").exists()
    assert not Wakeup.objects.filter(tenant_id=doomed.id).exists()
    assert purge.receipt["removed"]["cluster"] == {"schemas": 1, "databases": 1, "roles": 4}
    assert stores.is_clean(purge.receipt["left"])
    assert receipts.is_genuine(purge.receipt)
    assert not receipts.is_genuine({**purge.receipt, "slug": "other"})


# Tables of `public` that hold nothing of one tenant, or go with a person (by a key to the user).
_OF_NOBODY = {
    "auth_group", "auth_group_permissions", "auth_permission", "django_content_type", "django_migrations",
    "django_session", "guardian_groupobjectpermission", "tenancy_schemascript", "tenancy_user", "tenancy_tenant",
    "tenancy_letter", "tenancy_recoverycode", "tenancy_pagesession",
}  # fmt: skip
_KEPT = {"tenancy_purge", "audit_retained", "audit_retained_chain"}


def test_every_table_of_public_is_a_tenants_a_persons_or_stated_to_be_neither(world: dict[str, TenantRef]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND confrelid = 'public.tenancy_user'::regclass"
        )
        persons = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'")
        tables = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name LIKE '%tenant%' AND table_name <> 'tenancy_tenant'"
        )
        naming = cursor.fetchall()
    of_tenants = stores.tables_with_tenant()
    platform_audit = {name for name in tables if name.startswith("audit_")}
    assert tables - set(of_tenants) - persons - _OF_NOBODY - _KEPT - platform_audit == set()
    for table, column in naming:
        columns = [name for name, _ in of_tenants.get(table, [])]
        assert table in _KEPT or column in columns, (table, column)


def test_rows_of_every_shared_table_go_with_the_tenant(frida: Actor, doomed: TenantRef) -> None:
    tables = stores.tables_with_tenant()
    _a_row_in_every_table(frida, doomed, tables)
    counted = stores.count_shared_rows(doomed)
    assert set(counted) == {*tables, "tenancy_tenant"}
    running.run(str(asking.ask(frida, doomed, confirm=True).id))
    assert stores.count_shared_rows(doomed) == {}
    assert not Letter.objects.filter(address=f"guest@{doomed.slug}.test").exists()
    assert Membership.objects.filter(user__email="bob@acme.test").exists()


def _a_row_in_every_table(frida: Actor, doomed: TenantRef, tables: dict[str, Any]) -> None:
    member = Membership.objects.select_related("user").get(user__email=frida.email)
    tokens.issue(member)
    personal_tokens.make(frida, name="ci", scopes=["catalog:read"], days=1)
    in_a_month = clock.now() + timedelta(days=30)
    invitation = Invitation.objects.create(
        tenant_id=doomed.id, email=f"guest@{doomed.slug}.test", role="viewer", expires_at=in_a_month
    )
    letters.post("invitation", invitation.email, subject_id=invitation.id)
    SignInProvider.objects.create(tenant_id=doomed.id, name="x", issuer="https://x.test", client_id="x")
    ExternalIdentity.objects.create(tenant_id=doomed.id, user=member.user, issuer="https://x.test", subject="1")
    SlugAlias.objects.create(tenant_id=doomed.id, slug=f"{doomed.slug}-old", expires_at=in_a_month)
    Domain.objects.create(tenant_id=doomed.id, domain=f"{doomed.slug}.example.com", is_primary=False)
    Subscription.objects.update_or_create(tenant_id=doomed.id)
    UsageDay.objects.get_or_create(tenant_id=doomed.id, day=clock.now().date())
    UsageMonth.objects.get_or_create(tenant_id=doomed.id, month=clock.now().date().replace(day=1))
    kind, permission = ContentType.objects.first(), Permission.objects.first()
    assert kind is not None
    assert permission is not None
    with connect() as raw:  # rows that only a tenant's role, or the owner, writes
        raw.execute(
            "INSERT INTO tenancy_objectgrant (id, tenant_id, object_pk, content_type_id, permission_id, user_id,"
            " created_at) VALUES (%s, %s, 'x', %s, %s, %s, now())",
            [new_id(), doomed.id, kind.pk, permission.pk, member.user_id],
        )
        raw.execute(
            "INSERT INTO tenancy_restrictedobject (id, tenant_id, object_pk, content_type_id) VALUES (%s, %s, 'x', %s)",
            [new_id(), doomed.id, kind.pk],
        )
        raw.execute(
            "INSERT INTO tenancy_schemastatus (schema_name, fingerprint, state, applied, error, duration_ms,"
            " finished_at) VALUES (%s, '', 'ok', 0, '', 0, now())",
            [doomed.schema_name],
        )
        raw.execute(
            "INSERT INTO tenancy_gatecheck (id, created_at, updated_at, kind, code_version, connector, tenant_slug,"
            " passed, details) VALUES (%s, now(), now(), 'cutover', 'x', 'x', %s, false, '[]')",
            [new_id(), doomed.slug],
        )
    assert "tenancy_securityevent" in tables  # `tokens.issue` wrote one


def test_asking_for_it_ends_the_sessions_of_people_who_have_no_other_tenant(
    browser_client: Callable[[Actor], Client], frida: Actor, doomed: TenantRef
) -> None:
    browser_client(frida)
    member = Membership.objects.select_related("user").get(user__email=frida.email)
    epoch, pair = member.user.epoch, tokens.issue(member)
    bob = User.objects.get(email="bob@acme.test")
    asking.ask(frida, doomed, confirm=True)
    member.user.refresh_from_db()
    assert member.user.epoch == epoch + 1
    assert not PageSession.objects.filter(user_id=member.user_id).exists()
    assert not ApiLogin.objects.filter(membership=member, ended_at=None).exists()
    with pytest.raises(Unauthorised):
        sessions.refresh(pair.refresh_token)
    assert User.objects.get(id=bob.id).epoch == bob.epoch


def test_the_audit_trail_stays_under_pseudonyms_and_verifies(frida: Actor, doomed: TenantRef) -> None:
    purge = _purged(frida, doomed)
    kept = purge.receipt["audit"]
    assert kept["entries_kept"] > 0
    found = retained.verify_retained(doomed.id)
    assert found.whole
    assert found.entries == kept["entries_kept"]
    assert frida.email not in str(purge.receipt)


def test_the_whole_way_by_the_api(api: Callable[..., Any], frida: Actor, doomed: TenantRef) -> None:
    client = api(frida)
    assert client.post("/api/v1/tenants/purge", {"confirm": False}).json()["code"] == "NOT_CONFIRMED"
    answer = client.post("/api/v1/tenants/purge", {"confirm": True})
    assert answer.status_code == 202
    refused = client.get("/api/v1/auth/me")
    assert refused.status_code == 403
    assert refused.json()["code"] == "TENANT_PURGING"
    address = answer.headers["Location"]
    stranger = api(None)
    assert stranger.get(address).json()["state"] == "asked"
    running.run(answer.json()["purge_id"])
    receipt = stranger.get(address).json()
    assert receipt["state"] == "done"
    assert receipts.is_genuine(receipt["receipt"])
    assert stranger.get(address[:-3] + "abc").status_code == 404


def test_only_an_admin_may_purge_and_only_their_own(
    api: Callable[..., Any], bob: Actor, mallory: Actor, acme: TenantRef
) -> None:
    assert api(bob).post("/api/v1/tenants/purge", {"confirm": True}).status_code == 403
    assert api(bob).get("/api/v1/tenants/purge/preview").status_code == 403
    other = api(mallory).post("/api/v1/tenants/purge", {"confirm": True}, headers={"X-Tenant-Id": str(acme.id)})
    assert other.status_code == 403
    assert other.json()["code"] == "TENANT_MISMATCH"
    assert Tenant.objects.get(id=acme.id).status == TenantStatus.ACTIVE


def test_it_is_refused_while_workflows_are_active_unless_forced(frida: Actor, doomed: TenantRef) -> None:
    with tenant_context.entered(doomed):
        _queued_run(frida)
    with pytest.raises(Conflict, match="1 workflows") as refusal:
        asking.ask(frida, doomed, confirm=True)
    assert refusal.value.code == "TENANT_BUSY"
    assert Tenant.objects.get(id=doomed.id).status == TenantStatus.ACTIVE
    assert _purged(frida, doomed, force=True).is_done


def _queued_run(actor: Actor) -> None:
    WorkflowRun.objects.create(
        flow="profile_warehouse", title="Waits", plan={"steps": []}, input={}, input_hash="x", run_key="x",
        actor={"id": str(actor.id)}, queued_at=clock.now(),
    )  # fmt: skip


def test_a_second_purge_is_refused(frida: Actor, doomed: TenantRef) -> None:
    asking.ask(frida, doomed, confirm=True)
    with pytest.raises(Conflict):
        asking.ask(Actor.system(doomed), doomed, confirm=True)


def test_without_confirmation_nothing_happens(frida: Actor, doomed: TenantRef) -> None:
    with pytest.raises(InvalidInput):
        asking.ask(frida, doomed, confirm=False)
    assert Tenant.objects.get(id=doomed.id).status == TenantStatus.ACTIVE


_KILLS = ["keeping.keep_audit", "provisioning.unmake", "stores.remove_redis", "stores.remove_people", "stores.is_clean"]


def test_a_kill_at_any_point_is_gone_on_with(frida: Actor, doomed: TenantRef) -> None:
    purge = asking.ask(frida, doomed, confirm=True)
    code = f"""
from apps.tenancy.services.purges import keeping, running, stores
from apps.tenancy.services import provisioning
module, name = point.split(".")
module = {{"keeping": keeping, "stores": stores, "provisioning": provisioning}}[module]
do = getattr(module, name)
def then_die(*given):
    do(*given)
    die()
setattr(module, name, then_die)
running.run({str(purge.id)!r})
"""
    assert killed.each(_KILLS, code) == dict.fromkeys(_KILLS, -9)
    assert not Purge.objects.get(id=purge.id).is_done
    running.run(str(purge.id))
    done = Purge.objects.get(id=purge.id)
    assert done.is_done
    assert done.receipt["removed"]["cluster"] == {"schemas": 1, "databases": 1, "roles": 4}
    assert stores.is_clean(stores.count_all(doomed))


def test_folders_of_others_may_go_away_while_files_are_counted(doomed: TenantRef) -> None:
    before, counting = stores.count_files(doomed), True

    def come_and_go() -> None:
        while counting:
            folder = config.state_dir / "objects" / new_id().hex
            (folder / "bucket").mkdir(parents=True)
            shutil.rmtree(folder)

    with ThreadPoolExecutor(2) as pool:
        others = [pool.submit(come_and_go) for _ in range(2)]
        try:
            assert {stores.count_files(doomed)["entries"] for _ in range(300)} == {before["entries"]}
        finally:
            counting = False
        for other in others:
            other.result()
    assert before["entries"] >= 2


def test_two_workers_do_not_purge_at_once(frida: Actor, doomed: TenantRef) -> None:
    purge = asking.ask(frida, doomed, confirm=True)
    with running._alone(str(purge.id)), pytest.raises(Conflict, match="Another worker"):
        running.run(str(purge.id))


def test_a_worker_waits_for_the_lock_of_one_that_is_just_ending(frida: Actor, doomed: TenantRef) -> None:
    purge = asking.ask(frida, doomed, confirm=True)
    held = threading.Event()

    def ending() -> None:
        with running._alone(str(purge.id)):
            held.set()
            threading.Event().wait(0.3)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(ending)
        assert held.wait(10)
        running.run(str(purge.id))
        other.result()
    assert Purge.objects.get(id=purge.id).is_done


def test_what_is_left_is_said_and_the_purge_is_not_done(
    monkeypatch: pytest.MonkeyPatch, frida: Actor, doomed: TenantRef
) -> None:
    purge = asking.ask(frida, doomed, confirm=True)
    monkeypatch.setattr(stores, "remove_redis", lambda tenant: None)
    with pytest.raises(Conflict, match="redis"):
        running.run(str(purge.id))
    kept = Purge.objects.get(id=purge.id)
    assert kept.state == PurgeState.VERIFYING
    assert "redis" in kept.problem
    monkeypatch.undo()
    running.run(str(purge.id))
    assert Purge.objects.get(id=purge.id).is_done


def test_the_page_asks_for_the_slug_once(
    browser_client: Callable[[Actor], Client], frida: Actor, doomed: TenantRef, acme: TenantRef
) -> None:
    client, address = browser_client(frida), f"/t/{doomed.slug}/settings/workspace/remove/"
    assert b"What is removed" in client.get(address).content
    wrong = client.post(address, {"slug": "other"})
    assert wrong.status_code == 422
    assert Tenant.objects.get(id=doomed.id).status == TenantStatus.ACTIVE
    done = client.post(address, {"slug": doomed.slug})
    assert done.status_code == 303
    page = Client().get(done.headers["Location"])
    assert b"under way" in page.content
    closed = client.get(f"/t/{doomed.slug}/")
    assert closed.status_code == 302  # who has no other workspace is logged out
    assert "/login" in closed.headers["Location"]
    other = browser_client(cast.actor("bob@acme.test", acme)).get(f"/t/{doomed.slug}/")
    assert other.status_code == 403
    assert b"being removed" in other.content


def test_an_operator_may_purge_a_suspended_tenant(doomed: TenantRef) -> None:
    operator = Actor(None, None, "operator@atom.test", "Operator", Role.ADMIN, frozenset(), ActorKind.OPERATOR)
    from apps.tenancy.services import lifecycle  # noqa: PLC0415 - beside its only use

    lifecycle.suspend(doomed.id, actor=operator, reason="unpaid")
    assert _purged(operator, doomed).is_done


def test_the_matrix_in_the_docs_names_every_store() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "data-retention-policy.md").read_text()
    named = re.findall(r"^\| `([a-z ]+)` \| .* \| 0 \|$", text, re.MULTILINE)
    assert sorted(named) == sorted(store.name for store in stores.all_stores())
