"""Provisioning against its prepared DDL script; one migration over 50 tenants against django-tenants' executor;
entering a tenant against a bare round trip; the audit trail's appends. Ratios against the floor of the same run.

Run by `make bench`; needs the embedded servers and makes its own database.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.tenancy.services import provisioning, script
from apps.tenancy.services.migrations import plan, runner
from tests.benchmarks.report import Report, median_ms
from tests.support import cast

TENANTS = 50


def run(report: Report) -> None:
    """All figures of tenancy and audit."""
    _provisioning(report)
    _migrations(report)
    _entry(report)
    _audit(report)


def _provisioning(report: Report) -> None:

    def script_alone() -> None:
        schema = f"tenant_{new_id().hex}"
        with runner.connect() as raw:
            ddl = script.load(raw).replace(runner.TEMPLATE, schema)
            with raw.transaction():
                raw.execute(f"CREATE SCHEMA {schema}; SET LOCAL check_function_bodies = off;" + ddl, prepare=False)
        created.append(schema)

    created: list[str] = []
    floor = median_ms(script_alone, runs=7)
    made: list[Any] = []
    ours = median_ms(lambda: made.append(provisioning.provision(f"bench-{new_id().hex[-10:]}", "Bench")), runs=7)
    report.ratio("provisioning a tenant / its DDL script", ours, floor, limit=2.0)
    for ref in made:
        provisioning.remove(ref.id)
    with runner.connect() as raw:
        for schema in created:
            raw.execute(f"DROP SCHEMA {schema} CASCADE")


def _migrations(report: Report) -> None:

    refs = [provisioning.provision(f"many-{new_id().hex[-10:]}", "Many") for _ in range(TENANTS)]
    step = plan.Step(("audit", "9998_bench"), ("ALTER TABLE audit_person ADD COLUMN bench int",))
    started = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda r: runner._migrate_schema(r.schema_name, r.role_name, [step]), refs))
    ours = (time.perf_counter() - started) * 1000
    assert all(result.state == "ok" for result in results), results
    report.figure(f"one migration over {TENANTS} tenants", ours, "ms", limit=1500)
    floor = _multiprocessing_executor(refs)
    report.ratio("the same by django-tenants' way (a Django start a worker, migrate per schema) / ours", floor, ours)
    for ref in refs:
        provisioning.remove(ref.id)


def _multiprocessing_executor(refs: list[Any]) -> float:
    """What django-tenants' MultiprocessingExecutor does: processes that each run Django's migrate per schema."""

    # Two processes, as its default of the machine's cores would be here; each walks its half of the schemas.
    halves = [refs[0::2], refs[1::2]]
    code = (
        "import os,sys,django;django.setup()\n"
        "from django.db import connections\n"
        "from django.db.migrations.executor import MigrationExecutor\n"
        "for schema in sys.argv[1:]:\n"
        "    c=connections['admin'];c.set_schema(schema)\n"
        "    e=MigrationExecutor(c);e.migrate(e.loader.graph.leaf_nodes('audit'))\n"
        "    with c.cursor() as k:k.execute('ALTER TABLE audit_person ADD COLUMN bench2 int')\n"
    )
    started = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-c", code, *(ref.schema_name for ref in half)], env=dict(os.environ))
        for half in halves
    ]
    codes = [process.wait() for process in running]
    assert codes == [0, 0], codes
    return (time.perf_counter() - started) * 1000


def _entry(report: Report) -> None:

    with cast.temporary_tenant() as ref:

        def bare() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

        def entering() -> None:
            with tenant_context.entered(ref):
                connection.ensure_connection()
                connection._apply()
            connection._apply()

        bare()
        floor = median_ms(bare, runs=400)
        ours = median_ms(entering, runs=400) / 2  # in and out: two round trips
        report.ratio("entering a tenant / a bare SELECT 1 round trip", ours, floor, limit=1.3)


def _audit(report: Report) -> None:

    with cast.temporary_tenant() as ref:
        for clients in (1, 16):
            each = 400 // clients

            def work(each: int = each) -> None:
                with tenant_context.entered(ref):
                    for _ in range(each):
                        trail.record(Actor.system(ref), "bench.append", summary={"n": 1})
                connection.close()

            elapsed = _in_threads(work, clients)
            report.figure(f"audit appends a second, {clients} clients", each * clients / elapsed, "/s")


def _in_threads(work: Callable[[], None], count: int) -> float:
    threads = [threading.Thread(target=work) for _ in range(count)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started
