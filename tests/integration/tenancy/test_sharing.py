"""Grants on single objects: who sees a restricted one, who changes it, and that no tenant reaches another's."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from apps.audit.models import Entry
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.dashboards.models import Dashboard
from apps.tenancy.models import Membership, ObjectGrant, RestrictedObject
from apps.tenancy.selectors import shares

Api = Callable[[Actor | None], APIClient]


@pytest.fixture
def board(acme: TenantRef) -> Iterator[Dashboard]:
    """A dashboard of acme, removed afterwards with its grants."""
    with tenant_context.entered(acme):
        made = Dashboard.objects.create(
            datasource_id=new_id(), template="t", title="Payroll", tables=[], catalog_hash="", artifact_id=new_id(),
            version=1, generated_at=clock.now(),
        )  # fmt: skip
    yield made
    with tenant_context.entered(acme):
        made.delete()
        ObjectGrant.objects.all().delete()
        RestrictedObject.objects.all().delete()


def _member_id(who: Actor) -> UUID:
    return Membership.objects.get(user_id=who.id, tenant_id=who.tenant_id).id


def _address(board: Dashboard, who: Actor | None = None) -> str:
    return f"/api/v1/shares/dashboard/{board.id}" + (f"/{_member_id(who)}" if who else "")


def _sees(api: Api, who: Actor, board: Dashboard) -> tuple[int, bool]:
    listed = api(who).get("/api/v1/dashboards").json()["items"]
    one = api(who).get(f"/api/v1/dashboards/{board.id}")
    return one.status_code, str(board.id) in [row["id"] for row in listed]


def _close(api: Api, who: Actor, board: Dashboard) -> Any:
    return api(who).patch(_address(board), {"is_restricted": True})


def test_a_closed_dashboard_is_for_those_it_is_shared_with_and_admins(
    api: Api, alice: Actor, bob: Actor, carol: Actor, board: Dashboard
) -> None:
    assert _sees(api, carol, board)[1]
    assert _close(api, alice, board).json()["is_restricted"] is True
    assert [_sees(api, who, board)[1] for who in (alice, bob, carol)] == [True, False, False]
    assert _sees(api, bob, board)[0] == 404
    assert api(alice).put(_address(board, carol), {"level": "view"}).status_code == 200
    assert [_sees(api, who, board)[1] for who in (bob, carol)] == [False, True]
    assert api(alice).delete(_address(board, carol)).status_code == 204
    assert not _sees(api, carol, board)[1]
    api(alice).patch(_address(board), {"is_restricted": False})
    assert _sees(api, bob, board)[1]


def test_an_edit_grant_lets_a_viewer_change_one_object_and_a_view_grant_does_not(
    api: Api, alice: Actor, bob: Actor, carol: Actor, board: Dashboard, acme: TenantRef
) -> None:
    _close(api, alice, board)
    api(alice).put(_address(board, carol), {"level": "edit"})
    api(alice).put(_address(board, bob), {"level": "view"})
    with tenant_context.entered(acme):
        assert shares.may_edit(carol, board, "dashboard:write")
        assert not shares.may_edit(bob, board, "dashboard:write")
    api(alice).put(_address(board, carol), {"level": "view"})
    with tenant_context.entered(acme):
        assert not shares.may_edit(carol, board, "dashboard:write")


def test_who_may_only_look_may_not_share(api: Api, alice: Actor, bob: Actor, carol: Actor, board: Dashboard) -> None:
    _close(api, alice, board)
    api(alice).put(_address(board, bob), {"level": "view"})
    assert api(bob).put(_address(board, carol), {"level": "view"}).status_code == 403
    assert api(carol).get(_address(board)).status_code == 403


def test_the_artifact_behind_a_dashboard_is_closed_with_it(
    api: Api, alice: Actor, board: Dashboard, acme: TenantRef
) -> None:
    _close(api, alice, board)
    with tenant_context.entered(acme):
        assert RestrictedObject.objects.filter(object_pk=str(board.artifact_id)).exists()


def test_another_tenant_finds_neither_object_nor_member_nor_grant(
    api: Api, alice: Actor, mallory: Actor, board: Dashboard, globex: TenantRef
) -> None:
    _close(api, alice, board)
    assert api(mallory).get(_address(board)).status_code == 404
    assert api(mallory).patch(_address(board), {"is_restricted": False}).status_code == 404
    assert api(alice).put(_address(board, mallory), {"level": "view"}).status_code == 404
    with tenant_context.entered(globex):
        assert not ObjectGrant.objects.exists()
        assert not RestrictedObject.objects.exists()


def test_a_grant_cannot_be_written_for_another_tenant_not_even_by_raw_sql(
    api: Api, alice: Actor, board: Dashboard, acme: TenantRef, globex: TenantRef
) -> None:
    _close(api, alice, board)
    with tenant_context.entered(globex), connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.tenancy_restrictedobject")
        assert cursor.rowcount == 0
    with (
        tenant_context.entered(globex),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO public.tenancy_restrictedobject (id, tenant_id, content_type_id, object_pk)"
            " VALUES (%s, %s, (SELECT min(id) FROM public.django_content_type), 'x')",
            [new_id(), acme.id],
        )


def test_sharing_is_in_the_audit_trail(api: Api, alice: Actor, bob: Actor, board: Dashboard, acme: TenantRef) -> None:
    api(alice).put(_address(board, bob), {"level": "view"})
    with tenant_context.entered(acme):
        entry = Entry.objects.filter(action="object.shared", object_id=str(board.id)).first()
    assert entry is not None
    assert entry.summary == {"member": str(_member_id(bob)), "level": "view"}


def test_the_page_shares_closes_and_takes_back(
    browser_client: Callable[[Actor], Client], alice: Actor, bob: Actor, board: Dashboard
) -> None:
    browser, page = browser_client(alice), f"/t/acme/share/dashboard/{board.id}/"
    assert b"Payroll" in browser.get(page).content
    browser.post(page + "act", {"action": "close"})
    browser.post(page + "act", {"action": "share", "member": str(_member_id(bob)), "level": "edit"})
    assert b"edits and shares" in browser.get(page).content
    browser.post(page + "act", {"action": "unshare", "member": str(_member_id(bob))})
    assert b"bob@acme.test</" not in browser.get(page).content
