"""One shop with an object of every kind, and its three people; mallory and the operator stand outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.dashboards.services import requests as dashboard_requests
from apps.datasources.models import SandboxUpload
from apps.memos.services import requests as memo_requests
from apps.policies.models import Approval, CostEstimate, LedgerEntry
from apps.tenancy.services import domains, invitations, members, personal_tokens
from apps.workflows.models import DeadLetter, WorkflowRun
from tests.support import cast
from tests.support import shop as shops
from tests.support.shop import Shop


@dataclass(frozen=True, slots=True)
class Cast:
    """Who calls."""

    admin: Actor
    member: Actor
    viewer: Actor

    def __iter__(self) -> Iterator[Actor]:
        return iter((self.admin, self.member, self.viewer))


@pytest.fixture(scope="module")
def shop(world: dict[str, TenantRef]) -> Iterator[Shop]:
    with shops.confirmed() as found:
        with tenant_context.entered(found.tenant):
            wish = dashboard_requests.wish_of(found.admin, found.datasource.id)
            for run in (
                dashboard_requests.start(found.admin, wish),
                memo_requests.start(found.admin, found.datasource.id),
            ):
                done = shops.drive(run.id)
                assert done.status == "succeeded", done.error
            _the_rest(found)
        yield found


def _the_rest(found: Shop) -> None:
    """An upload, an approval and a dead letter, which a smooth path leaves none of."""
    SandboxUpload.objects.create(filename="orders.csv", format="csv", file_bytes=1, created_by=found.admin.id)
    Approval.objects.create(
        kinds=["over_cap"], query_hash="0" * 64, sql="SELECT 1", datasource_id=found.datasource.id,
        requested_by=found.admin.id, expires_at=clock.now() + timedelta(hours=1),
    )  # fmt: skip
    invitations.invite(found.admin, email="new@elsewhere.test", name="Nora", role=Role.VIEWER)
    personal_tokens.make(found.admin, name="script", scopes=["catalog:read"], days=1)
    domains.add(found.admin, "data.elsewhere.test")
    cast.token_for(found.admin)
    with tenant_context.entered(None):
        cast.page_client(found.admin)
    run = WorkflowRun.objects.order_by("created_at").first()
    assert run is not None
    _spent(found)
    DeadLetter.objects.create(
        workflow_id=run.id, flow=run.flow, failure_class="system", error_code="MALFORMED_RESPONSE",
        input_hash=run.input_hash, steps=[], history=[],
    )  # fmt: skip


def _spent(found: Shop) -> None:
    estimate = CostEstimate.objects.create(
        query_hash="0" * 64, datasource_id=found.datasource.id, purpose="read", bytes=1, usd=0, accuracy="precise",
        decision="allow", policy_version="1",
    )  # fmt: skip
    LedgerEntry.objects.create(
        estimate=estimate,
        reservation="matrix",
        datasource_id=found.datasource.id,
        query_hash="0" * 64,
        reserved_bytes=1,
    )


@pytest.fixture(scope="module")
def people(shop: Shop) -> Cast:
    for name, role in (("mia", Role.MEMBER), ("vera", Role.VIEWER)):
        members.ensure_member(
            shop.tenant, email=f"{name}@{shop.tenant.slug}.test", name=name, role=role, password=cast.PASSWORD
        )
    who = [cast.actor(f"{name}@{shop.tenant.slug}.test", shop.tenant) for name in ("frida", "mia", "vera")]
    return Cast(*who)
