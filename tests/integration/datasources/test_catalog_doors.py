"""The catalog's API and pages: who may do what, what is shown, what is decided, and what strangers see of it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.models import CatalogColumn, CatalogTable, Datasource, Recommendation
from apps.datasources.services import demo, profiling, registry
from apps.datasources.services.profiling import ProfileInput
from tests.integration.workflows.conftest import drive
from tests.support import cast
from tests.support.shop import SMALL


@pytest.fixture(scope="module")
def source(world: dict[str, TenantRef]) -> Iterator[Datasource]:
    """Globex with a small demo company, profiled."""
    ref = world["globex"]
    mallory = cast.actor("mallory@globex.test", ref)
    demo.load_demo(ref, scale=SMALL)
    with tenant_context.entered(ref):
        datasource, _ = registry.connect(mallory, name="Doors shop", type_name="sandbox", config={})
        run = profiling.start(mallory, ProfileInput(datasource_id=datasource.id))
        assert drive(run.id).status == "succeeded"
    return datasource


@pytest.fixture
def catalog_rows(source: Datasource, globex: TenantRef) -> dict[str, Any]:
    with tenant_context.entered(globex):
        return {
            "tables": {table.name: table for table in CatalogTable.objects.filter(datasource=source)},
            "advice": {
                r.table.name: r for r in Recommendation.objects.filter(datasource=source).select_related("table")
            },
            "email": CatalogColumn.objects.get(table__datasource=source, table__name="users", name="email"),
        }


Api = Callable[[Actor | None], Any]
Browser = Callable[[Actor], Client]


def test_tables_are_listed_and_searched_by_column_name(api: Api, mallory: Actor, source: Datasource) -> None:
    client = api(mallory)
    body = client.get("/api/v1/catalog/tables", {"datasource_id": str(source.id)}).json()
    assert {"orders", "users", "events"} <= {item["name"] for item in body["items"]}
    found = client.get("/api/v1/catalog/tables", {"q": "coupon_code", "datasource_id": str(source.id)}).json()
    assert [item["name"] for item in found["items"]] == ["orders"]


def test_pages_of_the_list_follow_each_other_without_gaps(api: Api, mallory: Actor, source: Datasource) -> None:
    client, seen, cursor = api(mallory), [], ""
    while cursor is not None:
        query = {"limit": 2, "datasource_id": str(source.id)} | ({"cursor": cursor} if cursor else {})
        body = client.get("/api/v1/catalog/tables", query).json()
        seen += [item["name"] for item in body["items"]]
        cursor = body["next"]
    assert len(seen) == len(set(seen)) >= 6


def test_table_detail_redacts_protected_columns(api: Api, mallory: Actor, catalog_rows: dict[str, Any]) -> None:
    body = api(mallory).get(f"/api/v1/catalog/tables/{catalog_rows['tables']['users'].id}").json()
    email = next(column for column in body["columns"] if column["name"] == "email")
    assert email["pii"]["class"] == "email"
    assert email["pii"]["protected"] is True
    assert email["facts"]["minimum"] == "[REDACTED:email]"
    assert "example" not in str(email["facts"])


def test_a_stranger_gets_404_and_a_viewer_may_not_write(
    api: Api, alice: Actor, carol: Actor, catalog_rows: dict[str, Any]
) -> None:
    table = catalog_rows["tables"]["orders"]
    assert api(alice).get(f"/api/v1/catalog/tables/{table.id}").status_code == 404
    assert api(carol).get("/api/v1/catalog/tables").status_code == 200
    refused = api(carol).post("/api/v1/catalog/profile", {"datasource_id": str(uuid4())}, format="json")
    assert refused.status_code == 403
    confirm = {"items": [{"id": str(catalog_rows["advice"]["orders"].id), "decision": "confirm"}]}
    assert api(carol).post("/api/v1/recommendations/confirm", confirm, format="json").status_code == 403
    assert api(alice).post("/api/v1/recommendations/confirm", confirm, format="json").status_code == 404


def test_confirming_with_changed_fields_fixes_them(api: Api, mallory: Actor, catalog_rows: dict[str, Any]) -> None:
    advice = catalog_rows["advice"]["orders"]
    item = {
        "id": str(advice.id),
        "decision": "confirm",
        "fields": {"amount_column": "discount", "dimensions": ["country"]},
    }
    body = api(mallory).post("/api/v1/recommendations/confirm", {"items": [item]}, format="json").json()
    fields = body["items"][0]["fields"]
    assert (fields["amount_column"], fields["dimensions"], fields["time_column"]) == (
        "discount",
        ["country"],
        "ordered_at",
    )


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"time_column": "country"}, "country"), ({"amount_column": "nowhere"}, "nowhere"), ({"colour": 1}, "")],
)
def test_fields_that_do_not_fit_are_refused(
    api: Api, mallory: Actor, catalog_rows: dict[str, Any], fields: dict[str, Any], word: str
) -> None:
    item = {"id": str(catalog_rows["advice"]["orders"].id), "decision": "confirm", "fields": fields}
    answer = api(mallory).post("/api/v1/recommendations/confirm", {"items": [item]}, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")
    assert word in answer.json()["detail"]


def test_what_people_say_about_a_column_outlives_a_profile(
    api: Api, mallory: Actor, globex: TenantRef, source: Datasource
) -> None:
    with tenant_context.entered(globex):
        column = CatalogColumn.objects.get(table__datasource=source, table__name="orders", name="status")
    change = {"description": "Where the order stands", "semantic": "flag"}
    assert api(mallory).patch(f"/api/v1/catalog/columns/{column.id}", change, format="json").status_code == 200
    with tenant_context.entered(globex):
        drive(profiling.start(mallory, ProfileInput(datasource_id=source.id)).id)
        column.refresh_from_db()
    assert (column.description, column.semantic) == ("Where the order stands", "flag")


def test_a_rejected_suspicion_is_not_asked_again(
    api: Api, mallory: Actor, globex: TenantRef, source: Datasource
) -> None:
    client = api(mallory)
    waiting = client.get("/api/v1/pii/review", {"datasource_id": str(source.id)}).json()["items"]
    name = next(item for item in waiting if item["column"] == "full_name")
    assert all("Anna" not in str(item) for item in waiting)
    decision = {"items": [{"id": name["id"], "decision": "reject"}]}
    assert client.post("/api/v1/pii/review/confirm", decision, format="json").status_code == 200
    with tenant_context.entered(globex):
        drive(profiling.start(mallory, ProfileInput(datasource_id=source.id)).id)
    again = client.get("/api/v1/pii/review", {"datasource_id": str(source.id)}).json()["items"]
    assert name["id"] not in [item["id"] for item in again]


def test_saying_the_same_again_changes_and_records_nothing_and_what_is_taken_back_is_asked_again(
    api: Api, mallory: Actor, globex: TenantRef, source: Datasource
) -> None:
    client = api(mallory)
    with tenant_context.entered(globex):
        email = CatalogColumn.objects.get(table__datasource=source, table__name="users", name="email")
        said = Entry.objects.filter(action__startswith="pii.").exclude(action="pii.recognised")
        before = said.count()
    body = {"items": [{"id": str(email.id), "decision": "confirm"}]}
    for _ in range(2):
        assert client.post("/api/v1/pii/review/confirm", body, format="json").status_code == 200
    with tenant_context.entered(globex):
        assert said.count() == before + 1
    taken_back = {"items": [{"id": str(email.id), "decision": "undo"}]}
    answer = client.post("/api/v1/pii/review/confirm", taken_back, format="json").json()["items"][0]
    assert (answer["decision"], answer["protected"]) == (None, True)


@pytest.fixture
def suspected(source: Datasource, globex: TenantRef) -> Iterator[list[CatalogColumn]]:
    """Two columns of a table of their own that wait for a decision."""
    with tenant_context.entered(globex):
        table = CatalogTable.objects.create(datasource=source, dataset="crm", name=f"leads_{uuid4().hex[:6]}")
        columns = [
            CatalogColumn.objects.create(
                table=table, name=f"{basis}_col", position=at, type="STRING", pii_kind="phone", pii_tier="low",
                pii_evidence={"basis": basis, "reason": "Asked.", "seen": []},
            )
            for at, basis in enumerate(("name", "values"))
        ]  # fmt: skip
    yield columns
    with tenant_context.entered(globex):
        table.delete()


def test_the_queue_is_searched_and_narrowed(api: Api, mallory: Actor, suspected: list[CatalogColumn]) -> None:
    def names(**query: str) -> list[str]:
        items = api(mallory).get("/api/v1/pii/review", {"table": str(suspected[0].table), **query}).json()["items"]
        return sorted(item["column"] for item in items)

    assert names() == ["name_col", "values_col"]
    assert names(basis="name") == ["name_col"]
    assert names(basis="evidence") == ["values_col"]
    assert names(q="values") == ["values_col"]
    assert names(type="email") == []
    assert api(mallory).get("/api/v1/pii/review", {"basis": "else"}).status_code == 400


def test_one_request_confirms_some_and_rejects_others(
    api: Api, mallory: Actor, suspected: list[CatalogColumn], globex: TenantRef
) -> None:
    verbs = ("confirm", "reject")
    items = [{"id": str(column.id), "decision": verb} for column, verb in zip(suspected, verbs, strict=True)]
    unknown = [*items, {"id": str(uuid4()), "decision": "confirm"}]
    assert api(mallory).post("/api/v1/pii/review/confirm", {"items": unknown}, format="json").status_code == 404
    answer = api(mallory).post("/api/v1/pii/review/confirm", {"items": items}, format="json").json()["items"]
    assert {item["column"]: item["protected"] for item in answer} == {"name_col": True, "values_col": False}
    assert api(mallory).get("/api/v1/pii/review", {"table": str(suspected[0].table)}).json()["items"] == []


def test_the_page_decides_in_bulk_and_takes_back(
    browser_client: Browser, mallory: Actor, globex: TenantRef, suspected: list[CatalogColumn]
) -> None:
    browser, ids = browser_client(mallory), [str(column.id) for column in suspected]
    assert browser.post("/t/globex/data/pii/decide", {"bulk": "reject", "ids": ids}).status_code == 303
    page = browser.get("/t/globex/data/pii/").content.decode()
    assert all(f'name="ids" value="{column_id}"' not in page for column_id in ids)
    assert all(f"undo:{column_id}" in page for column_id in ids)
    for column_id in ids:
        browser.post("/t/globex/data/pii/decide", {"one": f"undo:{column_id}"})
    page = browser.get("/t/globex/data/pii/?basis=name").content.decode()
    assert f'name="ids" value="{ids[0]}"' in page
    assert f'name="ids" value="{ids[1]}"' not in page
    assert "Nothing fits" in browser.get("/t/globex/data/pii/?q=nothing-at-all").content.decode()
    assert browser.post("/t/globex/data/pii/decide", {"bulk": "reject"}).status_code == 400


def test_pages_show_the_catalog(
    browser_client: Browser, mallory: Actor, catalog_rows: dict[str, Any], source: Datasource
) -> None:
    browser = browser_client(mallory)
    listed = browser.get("/t/globex/data/catalog/")
    assert listed.status_code == 200
    assert "orders" in listed.content.decode()
    detail = browser.get(f"/t/globex/data/catalog/{catalog_rows['tables']['users'].id}/").content.decode()
    assert "[REDACTED:email]" in detail
    assert "<svg" in detail
    review = browser.get(f"/t/globex/data/recommendations/?datasource={source.id}").content.decode()
    assert "Each row has a money amount" in review
    assert browser.get("/t/globex/data/pii/").status_code == 200


def test_sample_rows_go_through_the_gate(browser_client: Browser, mallory: Actor, catalog_rows: dict[str, Any]) -> None:
    answer = browser_client(mallory).get(f"/t/globex/data/catalog/{catalog_rows['tables']['plans'].id}/sample")
    assert answer.status_code == 200, answer.content.decode()[:500]
    assert "seats" in answer.content.decode()


def test_profile_button_leads_to_its_progress_page(browser_client: Browser, mallory: Actor, source: Datasource) -> None:
    browser = browser_client(mallory)
    started = browser.post("/t/globex/data/catalog/profile", {"datasource_id": str(source.id)})
    assert started.status_code == 302
    page = browser.get(started["Location"]).content.decode()
    assert "Profile of Doors shop" in page


def test_bulk_confirm_on_the_page_confirms_what_is_ticked(
    browser_client: Browser, mallory: Actor, globex: TenantRef, catalog_rows: dict[str, Any], source: Datasource
) -> None:
    ids = [str(catalog_rows["advice"][name].id) for name in ("users", "events")]
    form = {"bulk": "confirm", "ids": ids, "datasource": str(source.id)}
    answer = browser_client(mallory).post("/t/globex/data/recommendations/decide", form)
    assert answer.status_code == 303
    with tenant_context.entered(globex):
        assert set(Recommendation.objects.filter(id__in=ids).values_list("status", flat=True)) == {"confirmed"}
    page = browser_client(mallory).get(answer["Location"]).content.decode()
    assert "Next: generate the dashboard" in page


def test_what_a_full_profile_would_read_is_told_before_it_runs(
    api: Api, browser_client: Browser, mallory: Actor, catalog_rows: dict[str, Any], source: Datasource
) -> None:
    wish = {"datasource_id": str(source.id), "tables": ["shop.orders"], "full": True}
    body = api(mallory).post("/api/v1/catalog/profile/preview", wish, format="json").json()
    assert (body["tables"], body["sampled_tables"]) == (1, 0)
    assert body["estimated_bytes"] > 10_000
    everything = api(mallory).post("/api/v1/catalog/profile/preview", {"datasource_id": str(source.id)}, format="json")
    assert everything.json()["estimated_bytes"] > body["estimated_bytes"]
    orders = catalog_rows["tables"]["orders"]
    told = browser_client(mallory).get(f"/t/globex/data/catalog/{orders.id}/cost").content.decode()
    assert "Reads about" in told
