"""Twenty tenants at once, a canary in each: over requests in threads, the sockets' threads, and tasks. None is seen
anywhere but at home, and no connection comes back to the pool with anything of a tenant on it.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import psycopg
import pytest
from celery.app.task import Task
from django.db import DatabaseError, connection, connections

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.datasources.models import Datasource
from apps.datasources.services import registry
from apps.realtime.services import threads
from apps.tenancy.services import provisioning
from celery_app.app import app
from celery_app.tenant_task import TENANT_HEADER
from tests.support import cast

MANY = 20
ROUNDS = 15


@pytest.fixture(scope="module")
def tenants(world: dict[str, TenantRef]) -> Iterator[list[TenantRef]]:
    slugs = [f"canary-{new_id().hex[-10:]}-{number}" for number in range(MANY)]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(_provisioned, slugs))
    yield made
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_removed, made))


def _provisioned(slug: str) -> TenantRef:
    try:
        ref = provisioning.provision(slug, slug)
        cast.members.ensure_member(
            ref, email=f"frida@{slug}.test", name="Frida", role=cast.Role.ADMIN, password=cast.PASSWORD
        )
        with tenant_context.entered(ref):
            registry.create_draft(Actor.system(ref, "test"), name=_canary(ref), type_name="sandbox", config={})
        return ref
    finally:
        connections.close_all()


def _removed(ref: TenantRef) -> None:
    try:
        provisioning.remove(ref.id)
    finally:
        connections.close_all()


def _canary(ref: TenantRef) -> str:
    return f"bird of {ref.slug}"


def _birds() -> list[str]:
    return list(Datasource.objects.filter(name__startswith="bird of ").values_list("name", flat=True))


def _shuffled(tenants: list[TenantRef]) -> list[TenantRef]:
    every = tenants * ROUNDS
    Random(7).shuffle(every)
    return every


def test_requests_of_many_tenants_in_threads_see_their_own_canary_alone(
    tenants: list[TenantRef], api: Callable[[Actor | None], Any]
) -> None:
    clients = {ref.slug: api(cast.actor(f"frida@{ref.slug}.test", ref)) for ref in tenants}

    def ask(ref: TenantRef) -> tuple[str, str]:
        try:
            return ref.slug, clients[ref.slug].get("/api/v1/datasources?text=bird").content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, _shuffled(tenants)))
    for slug, body in answers:
        seen = {ref.slug for ref in tenants if f"bird of {ref.slug}" in body}
        assert seen == {slug}


def test_sockets_and_async_code_see_their_own_canary_alone(tenants: list[TenantRef]) -> None:
    async def look(ref: TenantRef) -> tuple[str, list[str]]:
        with tenant_context.entered(ref):
            await asyncio.sleep(0)  # another task's tenant is entered meanwhile
            found = await threads.run(_birds, inside=tenant_context.current())
            assert tenant_context.current() == ref
        return _canary(ref), found

    async def every() -> list[tuple[str, list[str]]]:
        return await asyncio.gather(*(look(ref) for ref in _shuffled(tenants)))

    for canary, found in asyncio.run(every()):
        assert found == [canary]


def test_tasks_see_their_own_canary_alone_even_after_one_was_cut_short(tenants: list[TenantRef]) -> None:
    @app.task(name="tests.isolation.birds")  # type: ignore[untyped-decorator]
    def birds(fail: bool) -> list[str]:
        found = _birds()
        if fail:
            connection.set_autocommit(False)
            raise KeyboardInterrupt  # what a worker's thread is left with when it is told to stop
        return found

    def work(numbered: tuple[int, TenantRef]) -> tuple[str, list[str] | None]:
        number, ref = numbered
        try:
            return _canary(ref), _as_worker(birds, ref, fail=number % 7 == 0)
        except KeyboardInterrupt:
            return _canary(ref), None

    try:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(work, enumerate(_shuffled(tenants))))
    finally:
        app.tasks.pop("tests.isolation.birds")
    assert all(found in (None, [canary]) for canary, found in answers)
    assert any(found is None for _, found in answers)


def _as_worker(task: Task, ref: TenantRef, *, fail: bool) -> Any:
    task.push_request(id=str(new_id()), headers={TENANT_HEADER: str(ref.id)}, args=(fail,), kwargs={})
    try:
        return task(fail)
    finally:
        task.pop_request()


@pytest.mark.parametrize("harm", ["an error", "an open transaction", "a cancelled statement", "a killed backend"])
def test_whatever_happened_to_a_connection_the_next_one_is_clean(acme: TenantRef, harm: str) -> None:
    def hurt() -> None:
        try:
            with tenant_context.entered(acme):
                _harm(harm)
        except (DatabaseError, psycopg.Error):
            pass
        finally:
            connections.close_all()

    def state() -> tuple[Any, ...]:
        try:
            with tenant_context.entered(None), connection.cursor() as cursor:
                cursor.execute("SELECT current_user = session_user, current_schemas(false)")
                row: tuple[Any, ...] = cursor.fetchone()
                return row
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: hurt(), range(16)))
        states = list(pool.map(lambda _: state(), range(32)))
    assert {(clean, tuple(schemas)) for clean, schemas in states} == {(True, ("public",))}


def _harm(kind: str) -> None:
    with connection.cursor() as cursor:
        if kind == "an error":
            cursor.execute("SELECT 1 / 0")
        elif kind == "an open transaction":
            connection.set_autocommit(False)
            cursor.execute("SELECT count(*) FROM datasources")
        elif kind == "a cancelled statement":
            cursor.execute("SET statement_timeout = 10")
            cursor.execute("SELECT pg_sleep(5)")
        else:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
