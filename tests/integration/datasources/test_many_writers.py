"""Any number of processes read and write one warehouse at once: nothing lost, nothing half there."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections

from apps.core import tenant
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.tenant import TenantRef
from apps.datasources.connectors.sandbox import files
from apps.datasources.enums import LoadMode
from apps.datasources.models import SandboxCommit, SandboxTable
from apps.datasources.services import execution, registry, uploads, warehouse


def rows(start: int, count: int) -> bytes:
    return ("n,day\n" + "".join(f"{start + at},2026-01-01\n" for at in range(count))).encode()


def load(actor: Actor, ref: TenantRef, table: str, body: bytes, mode: LoadMode) -> None:
    try:
        with tenant.entered(ref):
            staged = uploads.stage(actor, [body], filename="x.csv")
            uploads.load(actor, staged.id, uploads.Destination(table=table, mode=mode))
    finally:
        connections.close_all()


@pytest.fixture
def source(alice: Actor, acme: TenantRef):  # type: ignore[no-untyped-def]
    with tenant.entered(acme):
        row, _ = registry.connect(alice, name=f"Writers {uuid4().hex[:6]}", type_name="sandbox", config={})
        return row.id


def test_appends_from_many_sides_all_arrive_and_readers_see_whole_commits(alice, acme, source) -> None:  # type: ignore[no-untyped-def]
    name = f"log_{uuid4().hex[:8]}"
    load(alice, acme, name, rows(0, 10), LoadMode.NEW)
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                with tenant.entered(acme):
                    seen.append(execution.run(alice, source, f"SELECT COUNT(*) FROM uploads.{name}").rows[0][0])
        finally:
            connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(4) as crowd:
        jobs = [crowd.submit(load, alice, acme, name, rows(10 * n, 10), LoadMode.APPEND) for n in range(1, 9)]
        for job in jobs:
            job.result()
    done.set()
    reader.join()
    with tenant.entered(acme):
        found = execution.run(alice, source, f"SELECT COUNT(*), COUNT(DISTINCT n) FROM uploads.{name}").rows
        numbers = list(SandboxCommit.objects.values_list("number", flat=True))
    assert found == [(90, 90)]
    assert all(count % 10 == 0 for count in seen)
    assert seen == sorted(seen)
    assert sorted(numbers) == list(range(min(numbers), max(numbers) + 1))


def test_of_two_new_tables_of_one_name_one_wins(alice, acme) -> None:  # type: ignore[no-untyped-def]
    name = f"once_{uuid4().hex[:8]}"
    results: list[str] = []

    def attempt(start: int) -> None:
        try:
            load(alice, acme, name, rows(start, 5), LoadMode.NEW)
            results.append("made")
        except Conflict:
            results.append("taken")

    threads = [threading.Thread(target=attempt, args=(n,)) for n in (0, 100)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(results) == ["made", "taken"]
    with tenant.entered(acme):
        assert SandboxTable.objects.get(name=name).row_count == 5


def test_a_load_that_fails_leaves_no_rows_and_no_files(alice, acme, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    name = f"fails_{uuid4().hex[:8]}"
    root = files.folder_of(acme.id)
    before = {path.name for path in root.iterdir()}

    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(files, "_described", broken)
    with pytest.raises(OSError, match="disk full"):
        load(alice, acme, name, rows(0, 5), LoadMode.NEW)
    assert {path.name for path in root.iterdir()} == before
    with tenant.entered(acme):
        assert not SandboxTable.objects.filter(name=name).exists()


def test_what_nobody_names_is_swept_after_an_hour(alice, acme, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    name = f"swept_{uuid4().hex[:8]}"
    load(alice, acme, name, rows(0, 5), LoadMode.NEW)
    with tenant.entered(acme):
        old = SandboxTable.objects.get(name=name).files.get().path.split("/")[0]
        load(alice, acme, name, rows(0, 6), LoadMode.REPLACE)
        assert (files.folder_of(acme.id) / old).exists()
    monkeypatch.setattr(warehouse, "GRACE", warehouse.GRACE * 0)
    with tenant.entered(acme):
        warehouse.sweep(acme.id)
        kept = SandboxTable.objects.get(name=name).files.get().path.split("/")[0]
    assert not (files.folder_of(acme.id) / old).exists()
    assert (files.folder_of(acme.id) / kept).exists()
