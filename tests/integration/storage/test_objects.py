"""Buckets and signed addresses: they really upload and download, and stay inside the tenant."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.audit.models import Entry
from apps.core import clock
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef

Api = Callable[[Actor | None], Any]
InTenant = Callable[[TenantRef], AbstractContextManager[None]]


@pytest.fixture
def bucket(api: Api, alice: Actor) -> str:
    name = f"b-{new_id().hex[-12:]}"
    made = api(alice).post("/api/v1/storage/buckets", {"name": name, "max_object_bytes": 3_000_000})
    assert made.status_code == 201, made.content
    return name


def signed(api: Api, actor: Actor, path: str, method: str, **more: Any) -> str:
    response = api(actor).post("/api/storage/signed-url", {"path": path, "method": method, **more})
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["simulated"] is True
    return urlsplit(body["url"]).path


def put(api: Api, address: str, data: bytes, content_type: str = "application/octet-stream") -> Any:
    return api(None).generic("PUT", address, data, content_type=content_type)


def content_of(response: Any) -> bytes:
    data = b"".join(response.streaming_content)
    response.close()
    return data


def test_a_signed_address_uploads_and_another_downloads(api: Api, bob: Actor, bucket: str) -> None:
    data = b"0123456789" * 250_000  # larger than the door lets a JSON body be
    stored = put(api, signed(api, bob, f"{bucket}/deep/a.bin", "PUT"), data)
    assert (stored.status_code, stored.json()["size"]) == (201, len(data))
    address = signed(api, bob, f"{bucket}/deep/a.bin", "GET")
    assert content_of(api(None).get(address)) == data
    part = api(None).get(address, headers={"Range": "bytes=3-6"})
    assert (part.status_code, content_of(part)) == (206, b"3456")
    assert part["Content-Range"] == f"bytes 3-6/{len(data)}"
    listed = api(bob).get(f"/api/v1/storage/objects?bucket={bucket}&prefix=deep/").json()
    assert [each["key"] for each in listed["items"]] == ["deep/a.bin"]


def test_an_upload_is_audited_with_its_hash(
    api: Api, bob: Actor, bucket: str, in_tenant: InTenant, acme: TenantRef
) -> None:
    stored = put(api, signed(api, bob, f"{bucket}/x", "PUT"), b"abc").json()
    with in_tenant(acme):
        entry = Entry.objects.filter(action="storage.object_written", object_id=f"{bucket}/x").get()
    assert entry.sha256 == stored["sha256"]


def test_more_than_the_bucket_allows_is_refused_and_nothing_is_kept(api: Api, bob: Actor, bucket: str) -> None:
    assert put(api, signed(api, bob, f"{bucket}/big", "PUT"), b"x" * 3_000_001).status_code == 413
    assert api(None).get(signed(api, bob, f"{bucket}/big", "GET")).status_code == 404


def test_a_signed_address_is_good_for_its_method_and_time_only(api: Api, bob: Actor, bucket: str) -> None:
    put(api, signed(api, bob, f"{bucket}/y", "PUT"), b"abc")
    address = signed(api, bob, f"{bucket}/y", "GET", expires=60)
    assert put(api, address, b"changed").status_code == 403
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        assert api(None).get(address).status_code == 403
    assert api(None).get(address[:-2] + "AA").status_code == 403


def test_a_signed_content_type_binds(api: Api, bob: Actor, bucket: str) -> None:
    address = signed(api, bob, f"{bucket}/c.csv", "PUT", content_type="text/csv")
    assert put(api, address, b"a,b", "text/html").status_code == 415
    assert put(api, address, b"a,b", "text/csv").status_code == 201


def test_what_was_uploaded_is_never_a_page_of_ours(api: Api, bob: Actor, bucket: str) -> None:
    put(api, signed(api, bob, f"{bucket}/evil.html", "PUT"), b"<script>alert(1)</script>")
    response = api(None).get(signed(api, bob, f"{bucket}/evil.html", "GET"))
    assert content_of(response).startswith(b"<script>")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]


def test_another_tenant_sees_nothing_of_it(api: Api, bob: Actor, mallory: Actor, bucket: str) -> None:
    put(api, signed(api, bob, f"{bucket}/z", "PUT"), b"abc")
    assert api(mallory).get(f"/api/v1/storage/objects?bucket={bucket}").status_code == 404
    refused = api(mallory).post("/api/v1/storage/signed-url", {"path": f"{bucket}/z", "method": "GET"})
    assert refused.status_code == 404
    assert api(mallory).post("/api/v1/storage/object/delete", {"path": f"{bucket}/z"}).status_code == 404


def test_a_viewer_reads_but_does_not_write(api: Api, carol: Actor, bucket: str) -> None:
    assert api(carol).get("/api/v1/storage/buckets").status_code == 200
    assert api(carol).post("/api/v1/storage/buckets", {"name": "carols"}).status_code == 403
    refused = api(carol).post("/api/v1/storage/signed-url", {"path": f"{bucket}/a", "method": "PUT"})
    assert refused.status_code == 403


@pytest.mark.parametrize("path", ["../x", "b/../../x", "bucket/a/../../b"])
def test_no_path_trick_gets_in(api: Api, bob: Actor, path: str) -> None:
    response = api(bob).post("/api/v1/storage/signed-url", {"path": path, "method": "GET"})
    assert response.status_code in (400, 403)


def test_a_deleted_object_is_gone(api: Api, bob: Actor, bucket: str) -> None:
    put(api, signed(api, bob, f"{bucket}/deep/er/q", "PUT"), b"abc")
    assert api(bob).post("/api/v1/storage/object/delete", {"path": f"{bucket}/deep/er/q"}).status_code == 200
    assert api(None).get(signed(api, bob, f"{bucket}/deep/er/q", "GET")).status_code == 404
