"""Appends to one tenant's chain, and the proof of a long one, each beside its floor in the same run.

`python -m tests.benchmarks audit`. Floors: a plain INSERT of the same row in a transaction of its own; the digests of
the same rows without links. A unit of work writes one row of its own and one entry; lock-first takes the chain's lock
at its beginning instead of with the entry, which is what appending last avoids.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import psycopg

from apps.audit.services import verify
from apps.core import tenant as tenant_context
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy.services.migrations import runner
from atom_project.config import config
from tests.benchmarks.report import Report, median_ms
from tests.support import cast

SECONDS: Final = 2.0
LONG: Final = 200_000
_WORK: Final = "INSERT INTO bench_work (id, payload) VALUES (%s, 'x')"
_PLAIN: Final = (
    "INSERT INTO bench_plain (id, action, summary) VALUES (%s, 'bench.append', '{\"rows\": 1}') RETURNING id"
)
_APPEND: Final = "SELECT audit_append(%s::jsonb)"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('atom.audit'), hashtext(current_schema()))"
_READS: Final = 8  # the statements of an ordinary request between its first and its last


def run(report: Report) -> None:
    """Appends a second at 1 and 16 clients, then the verification."""
    with cast.temporary_tenant() as tenant:
        _prepare(tenant)
        for clients in (1, 16):
            floor = _rate(tenant, clients, _plain)
            ours = _rate(tenant, clients, _append)
            report.figure(f"plain INSERT a second, {clients} clients (floor)", floor, "/s")
            report.figure(f"audit appends a second, {clients} clients", ours, "/s")
            report.ratio(f"an append beside a plain INSERT, {clients} clients", 1000 / ours, 1000 / floor)
            last = _rate(tenant, clients, _unit)
            first = _rate(tenant, clients, _unit_lock_first)
            report.ratio(f"units a second: lock with the entry, lock first, {clients} clients", last, first, unit="/s")
        _verification(report, tenant)


def _verification(report: Report, tenant: TenantRef) -> None:
    _grow(tenant)
    with tenant_context.entered(tenant):
        started = time.perf_counter()
        found = verify.verify_chain()
        ours = time.perf_counter() - started
    assert found.whole, found
    with _connect(tenant) as raw:
        digests = "SELECT count(audit_digest(e.prev_hash, e)) FROM audit_entry e"
        floor = median_ms(lambda: raw.execute(digests).fetchone(), runs=3, warm_up=0)
    report.ratio("proving a chain beside its digests alone", ours * 1000, floor, limit=2.5)
    report.figure("entries proven a second", found.entries / ours, "/s")
    _pages(report, tenant)


def _pages(report: Report, tenant: TenantRef) -> None:
    """The log as its reader opens and searches it, on the long chain."""
    client = cast.page_client(cast.actor(f"frida@{tenant.slug}.test", tenant))
    log = f"/t/{tenant.slug}/operations/audit/"
    for name, query in (
        ("opened", ""),
        ("searched by action", "?action=bench.append"),
        ("searched by what nothing has", "?object_type=none&outcome=failed"),
        ("searched by person", "?actor=frida"),
    ):
        assert client.get(log + query).status_code == 200
        figure = median_ms(lambda query=query: client.get(log + query), runs=15)
        report.figure(f"audit log of {LONG} entries, {name}", figure, "ms")


def _grow(tenant: TenantRef) -> None:
    with runner.connect() as raw:
        raw.execute(f'SET search_path = "{tenant.schema_name}", public')
        one = (
            "SELECT audit_append((SELECT jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'actor_kind', 'system',"
            " 'action', 'bench.long', 'outcome', 'ok', 'summary', '{}'::jsonb)) FROM generate_series(1, %s)))"
        )
        for _ in range(LONG // 20_000):
            raw.execute(one, [20_000])
        raw.execute("VACUUM ANALYZE audit_entry")


def _prepare(tenant: TenantRef) -> None:
    with runner.connect() as raw:
        raw.execute(f'SET search_path = "{tenant.schema_name}", public')
        raw.execute("CREATE TABLE bench_plain (id uuid PRIMARY KEY, action text, summary jsonb)")
        raw.execute("CREATE TABLE bench_work (id uuid PRIMARY KEY, payload text)")
        raw.execute(f'GRANT ALL ON bench_plain, bench_work TO "{tenant.role_name}"')


def _connect(tenant: TenantRef) -> psycopg.Connection[Any]:
    raw = psycopg.connect(config.postgres_dsn.get_secret_value(), autocommit=True, prepare_threshold=1)
    raw.execute(f'SET ROLE "{tenant.role_name}"')
    raw.execute(f'SET search_path = "{tenant.schema_name}", public')
    return raw


def _rate(tenant: TenantRef, clients: int, work: Callable[[psycopg.Connection[Any]], None]) -> float:
    def client(_: int) -> int:
        with _connect(tenant) as raw:
            done, end = 0, time.perf_counter() + SECONDS
            while time.perf_counter() < end:
                work(raw)
                done += 1
        return done

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(client, range(clients))) / SECONDS


def _entries() -> str:
    return (
        f'[{{"id": "{new_id()}", "actor_id": "018f2f3e-0000-7000-8000-000000000001", "actor_label": "a@b.test",'
        ' "address": "203.0.113.9", "actor_kind": "user", "action": "bench.append", "object_type": "thing",'
        ' "object_id": "7", "outcome": "ok", "request_id": "bench-request-1", "summary": {"rows": 1}}]'
    )


def _plain(raw: psycopg.Connection[Any]) -> None:
    raw.execute(_PLAIN, [new_id()])


def _append(raw: psycopg.Connection[Any]) -> None:
    raw.execute(_APPEND, [_entries()])


def _unit(raw: psycopg.Connection[Any]) -> None:
    with raw.transaction():
        _request(raw)
        raw.execute(_APPEND, [_entries()])


def _unit_lock_first(raw: psycopg.Connection[Any]) -> None:
    with raw.transaction():
        raw.execute(_LOCK)
        _request(raw)
        raw.execute(_APPEND, [_entries()])


def _request(raw: psycopg.Connection[Any]) -> None:
    raw.execute(_WORK, [new_id()])
    for _ in range(_READS):
        raw.execute("SELECT pg_sleep(0.001)")
