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
from typing import Any

from django.db import connection

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.gateway.models import KeptAnswer
from apps.tenancy.services import provisioning, script
from apps.tenancy.services.migrations import runner
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
    _take_back(refs)
    started = time.perf_counter()
    results = runner.migrate_tenants(only=[ref.slug for ref in refs])
    ours = (time.perf_counter() - started) * 1000
    assert sum(result.applied == ("gateway.0001_initial",) for result in results) == TENANTS, results
    report.figure(f"one migration over {TENANTS} tenants", ours, "ms", limit=1500)
    _take_back(refs)
    theirs = float(
        subprocess.run(
            [sys.executable, "-c", _THEIRS, *(ref.schema_name for ref in refs)],
            env=dict(os.environ), capture_output=True, text=True, check=True,
        ).stdout.split()[-1]
    )  # fmt: skip
    _assert_applied(refs)
    report.ratio("one migration: ours / django-tenants' multiprocessing executor", ours, theirs, limit=0.25)
    for ref in refs:
        provisioning.remove(ref.id)


def _take_back(refs: list[Any]) -> None:
    """Undo the one migration of the gateway app in every tenant, so that it is pending again."""
    with runner.connect() as raw:
        for ref in refs:
            raw.execute(
                f'DROP TABLE "{ref.schema_name}".{KeptAnswer._meta.db_table};'
                f"DELETE FROM \"{ref.schema_name}\".django_migrations WHERE app = 'gateway'"
            )


def _assert_applied(refs: list[Any]) -> None:
    with runner.connect() as raw:
        for ref in refs:
            found = raw.execute("SELECT to_regclass(%s)", [f'"{ref.schema_name}".{KeptAnswer._meta.db_table}'])
            assert found.fetchone() != (None,), ref.slug


# django-tenants' own executor, as its migrate_schemas command calls it; its Django start is not counted.
_THEIRS = """
import sys, time, django
django.setup()
from django.conf import settings
settings.TENANT_DB_ALIAS = "admin"
from django_tenants.migration_executors.multiproc import MultiprocessingExecutor
options = dict(app_label="gateway", migration_name=None, interactive=False, database="admin", verbosity=0, fake=False,
    fake_initial=False, plan=False, run_syncdb=False, check_unapplied=False, prune=False, skip_checks=True,
    force_color=False, no_color=True, traceback=False)
started = time.perf_counter()
MultiprocessingExecutor((), options).run_migrations(tenants=sys.argv[1:])
print((time.perf_counter() - started) * 1000)
"""


def _entry(report: Report) -> None:

    with cast.temporary_tenant() as ref:

        def bare() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

        def entering() -> None:
            with tenant_context.entered(ref):
                connection.ensure_connection()
                connection.enter_tenant()
            connection.enter_tenant()

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
