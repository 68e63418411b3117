"""ProfileWarehouse over the demo company: figures, personal data, recommendations; resumed and joined, never twice."""

from collections.abc import Iterator

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.contracts import TableRole
from apps.datasources.models import CatalogColumn, CatalogTable, Datasource, Recommendation
from apps.datasources.selectors import catalog
from apps.datasources.services import demo, profiling, recommendations, registry
from apps.datasources.services.profiling import ProfileInput
from apps.datasources.services.recommendations import Decision
from apps.workflows.models import WorkflowRun
from tests.integration.workflows.conftest import drive


@pytest.fixture(scope="module")
def shop(world: dict[str, TenantRef]) -> tuple[TenantRef, Datasource]:
    """Acme with the demo company loaded, a sandbox datasource connected, and profiled once."""
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    ref = world["acme"]
    alice = cast.actor("alice@acme.test", ref)
    demo.load_demo(ref)
    with tenant_context.entered(ref):
        datasource, _ = registry.connect(alice, name="Profiled shop", type_name="sandbox", config={})
        profiled(alice, datasource)
    return ref, datasource


@pytest.fixture(autouse=True)
def _inside(alice: Actor, shop: tuple[TenantRef, Datasource]) -> Iterator[None]:
    with tenant_context.entered(shop[0]):
        yield


def profiled(actor: Actor, datasource: Datasource, *names: str) -> WorkflowRun:
    run = profiling.start(actor, ProfileInput(datasource_id=datasource.id, tables=list(names)))
    ended = drive(run.id)
    assert ended.status == "succeeded", ended.error
    return ended


def test_every_table_has_its_figures(shop: tuple[TenantRef, Datasource]) -> None:
    tables = CatalogTable.objects.filter(datasource=shop[1])
    assert tables.count() >= 5
    assert not tables.exclude(state="profiled").exists(), [(t.name, t.error_message) for t in tables]
    events = tables.get(name="events")
    assert events.row_count >= 1_000_000
    assert events.profile["percent"] == 10
    assert len(events.profile["missing_days"]) == 2
    orders = tables.get(name="orders")
    assert orders.profile["percent"] == 100
    assert orders.latest_at is not None


def test_planted_personal_data_is_protected_and_its_values_are_not_kept(shop: tuple[TenantRef, Datasource]) -> None:
    protected = catalog.protected_columns(shop[1].id)
    assert {"email", "phone", "date_of_birth", "ip_address", "card_number"} <= {name for _, _, name in protected}
    for column in CatalogColumn.objects.filter(table__datasource=shop[1], name__in=["email", "phone", "card_number"]):
        assert column.facts["top_values"] == []
        assert column.facts["minimum"] is None
        assert column.facts["histogram"] == []
        assert "@" not in str(column.facts)
        assert all("a" in item["mask"] or "9" in item["mask"] for item in column.pii_evidence["seen"])


def test_demo_tables_are_recommended_for_what_they_are(shop: tuple[TenantRef, Datasource]) -> None:
    roles = {r.table.name: r for r in Recommendation.objects.filter(datasource=shop[1]).select_related("table")}
    assert roles["users"].role == TableRole.USER
    assert roles["orders"].role == TableRole.TRANSACTION
    assert roles["events"].role == TableRole.EVENT
    assert roles["subscriptions"].role == TableRole.STATE
    assert roles["countries"].role == roles["plans"].role == TableRole.CONFIG
    orders = roles["orders"].fields
    assert (orders.time_column, orders.amount_column, orders.entity_key) == ("ordered_at", "amount", "user_id")
    assert {"country", "channel", "category"} <= set(orders.dimensions)
    assert [key.ref_table for key in orders.foreign_keys if key.column == "user_id"] == ["users"]


def test_a_second_start_joins_the_run_under_way(shop: tuple[TenantRef, Datasource], alice: Actor) -> None:
    first = profiling.start(alice, ProfileInput(datasource_id=shop[1].id, tables=["shop.plans", "shop.countries"]))
    second = profiling.start(alice, ProfileInput(datasource_id=shop[1].id, tables=["shop.plans"]))
    assert (second.id, second.joined) == (first.id, True)
    drive(first.id)


def test_profiling_again_updates_rows_and_adds_none(shop: tuple[TenantRef, Datasource], alice: Actor) -> None:
    before = (CatalogTable.objects.count(), CatalogColumn.objects.count(), Recommendation.objects.count())
    profiled(alice, shop[1])
    assert (CatalogTable.objects.count(), CatalogColumn.objects.count(), Recommendation.objects.count()) == before


def test_rejected_recommendations_do_not_come_back_and_confirmed_ones_stay(
    shop: tuple[TenantRef, Datasource], alice: Actor
) -> None:
    rows = {r.table.name: r for r in Recommendation.objects.filter(datasource=shop[1]).select_related("table")}
    recommendations.decide(
        alice, [Decision(rows["plans"].id, confirm=False), Decision(rows["orders"].id, confirm=True)]
    )
    profiled(alice, shop[1], "shop.plans", "shop.orders")
    assert Recommendation.objects.get(id=rows["plans"].id).status == "rejected"
    [orders] = catalog.confirmed_models(alice, shop[1].id)
    assert (orders.name, orders.role, orders.time_column) == ("orders", TableRole.TRANSACTION, "ordered_at")
    assert orders.catalog_hash
    assert orders.column("country").top_values
