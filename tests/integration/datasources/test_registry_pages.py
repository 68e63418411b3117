"""The registry and the warehouse in the browser and by API: connect, look, load, drop; the stranger sees nothing."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.core.actor import Actor
from apps.core.ids import new_id

CSV = b"order id;day;amount\n1;01.02.2026;1.234,50\n2;02.02.2026;7,00\n"


def unique(stem: str) -> str:
    return f"{stem}_{uuid4().hex[:8]}"


@pytest.fixture
def connected(api: Callable[[Actor], Client], alice: Actor) -> str:
    """The id of a sandbox datasource of acme."""
    answer = api(alice).post(
        "/api/v1/connectors/sandbox/connect", {"name": unique("Warehouse")}, content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    return str(answer.json()["datasource_id"])


def upload(client: Client, name: str, body: bytes = CSV, **fields: str):  # type: ignore[no-untyped-def]
    file = SimpleUploadedFile("My Orders.csv", body)
    return client.post("/api/v1/warehouse/tables", {"file": file, "table": name, **fields}, format="multipart")


def test_connecting_tests_first_and_publishes_version_one(api, alice, connected) -> None:  # type: ignore[no-untyped-def]
    shown = api(alice).get(f"/api/v1/datasources/{connected}").json()
    assert shown["status"] == "active"
    assert shown["state"]["current_version"] == 1
    assert shown["version"]["state"] == "published"


def test_a_taken_name_is_a_conflict_and_saves_nothing(api, alice, connected) -> None:  # type: ignore[no-untyped-def]
    client = api(alice)
    name = client.get(f"/api/v1/datasources/{connected}").json()["name"]
    before = len(client.get("/api/v1/datasources").json()["items"])
    answer = client.post("/api/v1/connectors/sandbox/connect", {"name": name.upper()}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "NAME_TAKEN")
    assert len(client.get("/api/v1/datasources").json()["items"]) == before


def test_the_other_tenant_gets_404(api, mallory, connected) -> None:  # type: ignore[no-untyped-def]
    assert api(mallory).get(f"/api/v1/datasources/{connected}").status_code == 404
    body = {"sql": "SELECT 1", "datasource_id": connected}
    assert api(mallory).post("/api/v1/queries/run", body, content_type="application/json").status_code == 404


def test_a_viewer_may_look_but_not_connect_run_or_load(api, carol, connected) -> None:  # type: ignore[no-untyped-def]
    client = api(carol)
    assert client.get("/api/v1/datasources").status_code == 200
    assert (
        client.post("/api/v1/connectors/sandbox/connect", {"name": "x"}, content_type="application/json").status_code
        == 403
    )
    body = {"sql": "SELECT 1", "datasource_id": connected}
    assert client.post("/api/v1/queries/run", body, content_type="application/json").status_code == 403
    assert upload(client, "x").status_code == 403


def test_a_csv_becomes_a_table_that_can_be_asked(api, alice, connected) -> None:  # type: ignore[no-untyped-def]
    client, name = api(alice), unique("orders")
    answer = upload(client, name)
    assert answer.status_code == 201, answer.content
    types = {column["name"]: column["type"] for column in answer.json()["columns"]}
    assert types == {"order_id": "INT64", "day": "DATE", "amount": "FLOAT64"}
    body = {"sql": f"SELECT SUM(amount) AS total FROM uploads.{name}", "datasource_id": connected}
    found = client.post("/api/v1/queries/run", body, content_type="application/json").json()
    assert found["rows"] == [[1241.5]]
    assert found["simulated"] is True


def test_append_and_replace_do_what_they_say(api, alice) -> None:  # type: ignore[no-untyped-def]
    client, name = api(alice), unique("orders")
    upload(client, name)
    assert upload(client, name).status_code == 409
    assert upload(client, name, mode="append").json()["rows"] == 4
    assert upload(client, name, b"a,b\n1,2\n", mode="append").json()["code"] == "SCHEMA_MISMATCH"
    assert upload(client, name, b"a,b\n1,2\n", mode="replace").json()["rows"] == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "EMPTY_FILE"),
        (b"PK\x03\x04rest of a workbook", 415, "UNSUPPORTED_FILE"),
        (b"a,b,c\n", 400, "EMPTY_FILE"),
        (b"\x00\x01\x02\x03binary", 415, "UNSUPPORTED_FILE"),
    ],
)
def test_files_nobody_can_read_are_refused_with_a_reason(api, alice, body, status, code) -> None:  # type: ignore[no-untyped-def]
    answer = upload(api(alice), unique("bad"), body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_dropped_table_is_gone_for_queries(api, alice, connected) -> None:  # type: ignore[no-untyped-def]
    client, name = api(alice), unique("orders")
    table = upload(client, name).json()["id"]
    assert client.delete(f"/api/v1/warehouse/tables/{table}").status_code == 204
    body = {"sql": f"SELECT * FROM uploads.{name}", "datasource_id": connected}
    assert client.post("/api/v1/queries/run", body, content_type="application/json").status_code == 422


def test_pages_answer_for_who_may_see_them(browser_client, alice, carol, connected) -> None:  # type: ignore[no-untyped-def]
    client = browser_client(alice)
    for path in ("data/datasources/", "data/datasources/new", f"data/datasources/{connected}/", "data/warehouse/"):
        answer = client.get(f"/t/acme/{path}")
        assert answer.status_code == 200, path
    assert browser_client(carol).get("/t/acme/data/datasources/new").status_code == 403
    assert client.get(f"/t/acme/data/datasources/{new_id()}/").status_code == 404


def test_a_file_goes_through_preview_to_table_in_the_browser(browser_client, alice) -> None:  # type: ignore[no-untyped-def]
    client, name = browser_client(alice), unique("shop")
    staged = client.post("/t/acme/data/warehouse/", {"file": SimpleUploadedFile("shop.csv", CSV)})
    assert staged.status_code == 303
    page = client.get(staged["Location"])
    assert b"order_id" in page.content
    form = {"table": name, "dataset_name": "uploads", "mode": "new"}
    loaded = client.post(f"{staged['Location']}load", form)
    assert loaded.status_code == 303, loaded.content[:2000]
    assert name.encode() in client.get("/t/acme/data/warehouse/").content
