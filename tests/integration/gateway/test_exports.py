"""A workspace's data as one archive: whole, hashed, without secrets, gone on with after a kill, gone after a week."""

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import psycopg
import pytest
from django.apps import apps
from django.test import Client

from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.tenant import TenantRef
from apps.gateway.services.exports import packing, starting, streams, tables
from apps.policies.services.secrets import SecretsManager
from apps.storage.connectors import disk
from apps.storage.engine.paths import ObjectPath
from apps.storage.models import Bucket
from apps.tenancy.models import Wakeup
from apps.workflows.models import StepResult
from apps.workflows.services import runs
from tests.support import cast
from tests.support.shop import drive

SECRET = "hunter2-never-in-an-export"


@pytest.fixture(scope="module")
def exported(world: dict[str, TenantRef]) -> Iterator[tuple[TenantRef, Actor, Any]]:
    """A tenant with an object and a secret, exported once."""
    with cast.temporary_tenant() as tenant:
        frida = cast.actor(f"frida@{tenant.slug}.test", tenant)
        with tenant_context.entered(tenant):
            Bucket.objects.create(name="papers")
            disk.write(tenant.id, ObjectPath("papers", "a/ö.txt"), io.BytesIO(b"hello"), limit=100)
            SecretsManager(tenant).store("probe", SECRET, actor=frida)
            run = drive(starting.start(frida).id)
            assert run.status == "succeeded", run.error
        yield tenant, frida, run


@pytest.fixture
def archive(exported: tuple[TenantRef, Actor, Any]) -> zipfile.ZipFile:
    """What was made."""
    tenant, frida, _ = exported
    with tenant_context.entered(tenant):
        (export,) = starting.list_for(frida)[-1:]
        assert export.packed is not None
        path = ObjectPath(*export.packed.path.split("/", 1))
        file, _ = disk.read(tenant.id, path)
        with file:
            data = file.read()
    assert hashlib.sha256(data).hexdigest() == export.packed.sha256
    return zipfile.ZipFile(io.BytesIO(data))


def test_it_holds_tables_people_objects_and_the_studio_database(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    assert {
        "manifest.json",
        "members.jsonl",
        "studio.dump",
        "objects/papers/a/ö.txt",
        "tables/audit_entry.jsonl",
    } <= names
    rows = [json.loads(line) for line in archive.read("tables/datasources.jsonl").splitlines()]
    assert [row["project"] for row in rows] == ["studio"]
    people = [json.loads(line) for line in archive.read("members.jsonl").splitlines()]
    assert [person["name"] for person in people] == ["Frida"]
    assert archive.read("objects/papers/a/ö.txt") == b"hello"


def test_the_manifest_names_every_file_with_its_hash(archive: zipfile.ZipFile) -> None:
    manifest = json.loads(archive.read("manifest.json"))
    assert {file["name"] for file in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    for file in manifest["files"]:
        content = archive.read(file["name"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])


def test_secrets_are_never_in_it(archive: zipfile.ZipFile) -> None:
    manifest = json.loads(archive.read("manifest.json"))
    assert {"secrets", "tenant_keys", "audit_secret"} <= set(manifest["left_out"]["tables"])
    for name in archive.namelist():
        content = archive.read(name)
        assert SECRET.encode() not in content
        assert b"argon2" not in content


def test_every_table_that_keeps_something_sealed_is_left_out(acme: TenantRef) -> None:
    sealed = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.get_internal_type() == "BinaryField" and field.name not in ("hash", "prev_hash", "last_hash")
    }
    with tables.snapshot(acme) as raw:
        wanted, _ = tables.names(raw, acme)
    assert not sealed & set(wanted)


def test_the_studio_dump_can_be_read_by_pg_restore(archive: zipfile.ZipFile, tmp_path: Any) -> None:
    from apps.tenancy.services import script  # noqa: PLC0415 - beside its only use

    dump = tmp_path / "studio.dump"
    dump.write_bytes(archive.read("studio.dump"))
    restore = script.PG_DUMP.with_name("pg_restore")
    listed = subprocess.run([str(restore), "--list", str(dump)], capture_output=True, text=True, check=True)
    assert "Archive created" in listed.stdout


def test_it_is_found_again_fetched_by_a_link_and_on_record(
    api: Callable[..., Any], exported: tuple[TenantRef, Actor, Any]
) -> None:
    tenant, frida, run = exported
    client = api(frida)
    (item,) = client.get("/api/v1/tenants/exports").json()["items"]
    assert (item["workflow_id"], item["is_ready"]) == (str(run.id), True)
    url = client.post(f"/api/v1/tenants/exports/{run.id}/link").json()["url"]
    fetched = Client().get(url)
    assert hashlib.sha256(b"".join(fetched.streaming_content)).hexdigest() == item["sha256"]  # type: ignore[attr-defined]
    with tenant_context.entered(tenant):
        assert Entry.objects.get(action="tenant.exported").sha256 == item["sha256"]


def test_only_an_admin_exports_and_nobody_another_tenants(
    api: Callable[..., Any], bob: Actor, mallory: Actor, exported: tuple[TenantRef, Actor, Any]
) -> None:
    assert api(bob).post("/api/v1/tenants/exports").status_code == 403
    assert api(mallory).post(f"/api/v1/tenants/exports/{exported[2].id}/link").status_code == 404


def test_its_parts_are_gone_and_after_a_week_so_is_the_archive(exported: tuple[TenantRef, Actor, Any]) -> None:
    tenant, frida, run = exported
    with tenant_context.entered(tenant):
        assert [each.key for each in disk.listing(tenant.id, packing.BUCKET, "")] == [f"{run.id}/{tenant.slug}.zip"]
    assert Wakeup.objects.filter(tenant_id=tenant.id, kind=packing.EXPIRY, ref=str(run.id)).exists()
    with tenant_context.entered(tenant):
        run_id = starting.start(frida).id
        assert drive(run_id).status == "succeeded"
        packing.expire(str(run_id), tenant)
        assert not list(disk.listing(tenant.id, packing.BUCKET, f"{run_id}/"))


def test_a_second_start_joins_and_a_cancelled_one_stops(exported: tuple[TenantRef, Actor, Any]) -> None:
    tenant, frida, _ = exported
    with tenant_context.entered(tenant):
        first = starting.start(frida)
        again = starting.start(frida)
        assert (again.id, again.joined) == (first.id, True)
        runs.cancel(first.id, actor=frida)
        assert drive(first.id).status == "cancelled"
        with pytest.raises(NotFound):
            starting.link_for(frida, first.id)


def test_a_step_that_is_run_again_makes_the_same(
    monkeypatch: pytest.MonkeyPatch, exported: tuple[TenantRef, Actor, Any]
) -> None:
    tenant, frida, _ = exported
    calls = []
    real = packing.streams.zipped

    def broken_once(*given: Any) -> Iterator[bytes]:
        calls.append(1)
        stream = real(*given)
        if len(calls) > 1:
            yield from stream
            return
        yield next(iter(stream))
        raise ConnectionError("gone in the middle")

    monkeypatch.setattr(packing.streams, "zipped", broken_once)
    with tenant_context.entered(tenant):
        run_id = starting.start(frida).id
        run = drive(run_id)
        if run.status != "succeeded":
            runs.recover(run_id, "retry", actor=frida)  # type: ignore[arg-type]
            run = drive(run_id)
        assert run.status == "succeeded", run.error
        assert StepResult.objects.get(run_id=run_id, step_name="tables").retry_count == 0
    assert len(calls) == 2


def test_the_page_starts_shows_and_fetches(
    browser_client: Callable[[Actor], Client], exported: tuple[TenantRef, Actor, Any]
) -> None:
    tenant, frida, run = exported
    browser, at = browser_client(frida), f"/t/{tenant.slug}/settings/export/"
    assert b"Download" in browser.get(at).content
    fetched = browser.post(f"{at}{run.id}/fetch")
    assert fetched.status_code == 303
    assert "/storage/signed/" in fetched.headers["Location"]


def test_a_large_stream_is_packed_in_flat_memory() -> None:
    import tracemalloc  # noqa: PLC0415 - beside its only use

    block = bytes(range(256)) * 1024
    entry: streams.Entry = ("big.parquet", lambda: (block for _ in range(400)))  # 100 MB
    hashes: streams.Hashes = []
    tracemalloc.start()
    size = sum(len(part) for part in streams.zipped([entry], hashes, lambda: ("manifest.json", lambda: [b"{}"])))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 100 * 1024 * 1024
    assert hashes[0][1] == 400 * len(block)
    assert peak < 8 * 1024 * 1024


def test_awkward_text_survives_as_json_lines(acme: TenantRef) -> None:
    text = 'tab\t quote" backslash\\ newline\n comma, \u0001\u0002 snowman ☃ 😀'
    with tables.snapshot(acme) as raw:
        assert raw.execute("SHOW transaction_read_only").fetchone() == ("on",)
        statement = psycopg.sql.SQL(
            "COPY (SELECT row_to_json(t) FROM (SELECT {} AS a) t) TO STDOUT"
            " (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"
        ).format(psycopg.sql.Literal(text))
        assert orjson.loads(b"".join(tables._copied(raw, statement))) == {"a": text}
