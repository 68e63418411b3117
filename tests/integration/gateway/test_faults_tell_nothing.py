"""Faults provoked in every layer: each answer is one problem or page in its shape, and none tells how we are made."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import connections
from django.http import Http404
from django.test import RequestFactory
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core import codes, problems
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.tenancy.services.migrations import runner
from tests.support import cast

ROOT = Path(__file__).resolve().parents[3]
Api = Callable[[Actor | None], Any]
# Traces, paths of this machine and of modules, statements, schemas, drivers.
TELLING = re.compile(
    rf"Traceback|File \"|{re.escape(str(ROOT))}|/(?:usr|var|srv|home|tmp)/|site-packages|\.py\b|\bSELECT\b"
    r"|\bINSERT INTO\b|\bUPDATE \w+ SET\b|tenant_[0-9a-f]{32}|psycopg|ProgrammingError|OperationalError|django\."
    r"|permission denied for"
)


def checked(answer: Any, status: int | range, code: str = "") -> dict[str, Any]:
    """The problem document, when it is one and tells nothing."""
    text = answer.content.decode()
    statuses = status if isinstance(status, range) else (status,)
    assert answer.status_code in statuses, text[:300]
    assert (found := TELLING.search(text)) is None, found
    assert answer["Content-Type"] == "application/problem+json", answer["Content-Type"]
    body: dict[str, Any] = orjson.loads(text)
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["detail"]
    assert body["next_steps"][0]["label"]
    assert body["class"] in set(codes.CodeClass)
    assert body["code"] in codes.CATALOGUE
    if code:
        assert body["code"] == code
    return body


@pytest.fixture
def frida(fresh_tenant: TenantRef) -> Actor:
    """Admin of a tenant that may be broken."""
    return cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)


@contextmanager
def broken(tenant: TenantRef, table: str) -> Iterator[None]:
    """A table that the code expects is gone."""
    with runner.connect() as raw:
        raw.execute(f'ALTER TABLE "{tenant.schema_name}".{table} RENAME TO gone')
        try:
            yield
        finally:
            raw.execute(f'ALTER TABLE "{tenant.schema_name}".gone RENAME TO {table}')


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("audit_entry", "/api/v1/audit"),
        ("audit_entry", "/api/v1/audit/export"),
        ("audit_entry", "/api/v1/audit/verify"),
        ("workflows_workflowrun", "/api/v1/workflows/runs"),
        ("datasources", "/api/v1/datasources"),
        ("approvals", "/api/v1/approvals"),
    ],
)
def test_a_database_that_is_not_as_expected(
    api: Api, frida: Actor, fresh_tenant: TenantRef, table: str, path: str
) -> None:
    with broken(fresh_tenant, table):
        checked(api(frida).get(path), 500, "INTERNAL_ERROR")


def test_a_page_whose_table_is_gone_is_an_error_page_with_a_request_id(
    browser_client: Callable[[Actor], Any], frida: Actor, fresh_tenant: TenantRef
) -> None:
    with broken(fresh_tenant, "audit_entry"):
        answer = browser_client(frida).get(f"/t/{fresh_tenant.slug}/operations/audit/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in text
    assert (found := TELLING.search(text)) is None, found


def test_even_the_frame_of_the_page_may_be_broken(
    browser_client: Callable[[Actor], Any], frida: Actor, fresh_tenant: TenantRef
) -> None:
    with broken(fresh_tenant, "workflows_workflowrun"), broken_too(fresh_tenant, "approvals"):
        answer = browser_client(frida).get(f"/t/{fresh_tenant.slug}/")
    assert TELLING.search(answer.content.decode()) is None


@contextmanager
def broken_too(tenant: TenantRef, table: str) -> Iterator[None]:
    """A second one."""
    with runner.connect() as raw:
        raw.execute(f'ALTER TABLE "{tenant.schema_name}".{table} RENAME TO gone_too')
        try:
            yield
        finally:
            raw.execute(f'ALTER TABLE "{tenant.schema_name}".gone_too RENAME TO {table}')


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/audit?actor=a%00b",
        "/api/v1/audit?since=0001-01-01T00:00:00%2B14:00",
        "/api/v1/audit?object_id=%ff%fe",
        "/api/v1/audit?limit=99999999999999999999",
        "/api/v1/audit?cursor=" + "x" * 5000,
        "/api/v1/workflows/runs?limit=-1",
    ],
)
def test_values_that_no_database_takes(api: Api, alice: Actor, path: str) -> None:
    answer = api(alice).get(path)
    if answer.status_code != 200:
        checked(answer, range(400, 500))


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("get", "/api/v1/nothing", {}, 404, "NOT_FOUND"),
        ("put", "/api/v1/audit", {}, 405, "METHOD_NOT_ALLOWED"),
        ("get", "/api/v1/audit", {"accept": "application/xml"}, 406, "NOT_ACCEPTABLE"),
        ("get", "/api/v1/audit", {"authorization": "Bearer x.y.z"}, 401, "TOKEN_INVALID"),
        ("get", "/api/v1/audit", {"authorization": "Basic YTpi"}, 401, "TOKEN_INVALID"),
        ("post", "/auth/login", {}, 400, "INVALID_INPUT"),
        ("post", "/auth/refresh", {}, 400, "INVALID_INPUT"),
    ],
)
def test_what_django_and_drf_refuse_themselves(
    api: Api, alice: Actor, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    client = api(None if "authorization" in headers else alice)
    checked(getattr(client, method)(path, {} if method == "post" else None, headers=headers), status, code)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[" * 100_000, b'{"sql": "\\ud800"}', b"\xff\xfe{}", b'{"sql": 1e999}', b'"text"', b"null", b"[]"],
    ids=["open", "deep", "half a pair", "no UTF-8", "infinite", "text", "null", "list"],
)
def test_bodies_that_are_no_json_object(api: Api, alice: Actor, body: bytes) -> None:
    checked(api(alice).post("/api/v1/data/query", body, content_type="application/json"), range(400, 500))


def test_a_form_of_ten_thousand_fields(browser_client: Callable[[Actor], Any], alice: Actor) -> None:
    form = {f"f{number}": "x" for number in range(10_000)}
    answer = browser_client(alice).post("/t/acme/operations/audit/retention", form)
    assert answer.status_code in (400, 413)
    assert TELLING.search(answer.content.decode()) is None


def test_the_admin_tells_a_program_in_the_same_shape(browser_client: Callable[[Actor], Any], alice: Actor) -> None:
    answer = browser_client(alice).get("/t/acme/admin/autocomplete/?term=x", headers={"Accept": "application/json"})
    checked(answer, range(400, 500))


def test_a_storage_folder_that_is_a_file(api: Api, frida: Actor, fresh_tenant: TenantRef) -> None:
    from atom_project.config import config  # noqa: PLC0415 - needs Django set up

    folders = [found for found in config.state_dir.rglob(f"*{fresh_tenant.id.hex}*") if found.is_dir()]
    for folder in folders:
        os.rename(folder, f"{folder}.away")
        folder.write_text("not a folder")
    try:
        answer = api(frida).get("/api/v1/storage/objects?bucket=b&prefix=")
        assert TELLING.search(answer.content.decode()) is None
    finally:
        for folder in folders:
            folder.unlink()
            os.rename(f"{folder}.away", folder)


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P01'; END $$", 503, "UNAVAILABLE"),
        ("SET statement_timeout = 50; SELECT pg_sleep(5)", 504, "TIMEOUT"),
        ("SELECT 1 / 0", 400, "INVALID_INPUT"),
        ("SELECT 'x'::uuid", 400, "INVALID_INPUT"),
        ("SELECT * FROM no_such_table", 500, "INTERNAL_ERROR"),
        (
            "DO $$ BEGIN RAISE EXCEPTION 'secret path /srv/atom/x' USING ERRCODE = '40P01'; END $$",
            503,
            "TRANSIENT_ERROR",
        ),
    ],
)
def test_what_the_database_says_becomes_our_words(acme: TenantRef, statement: str, status: int, code: str) -> None:
    with tenant_context.entered(acme), pytest.raises(Exception) as caught, connections["default"].cursor() as cursor:  # noqa: PT011
        cursor.execute(statement)
    connections["default"].close()
    ours = problems.from_exception(caught.value)
    assert (ours.status, ours.code) == (status, code)
    assert TELLING.search(ours.message) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RedisConnectionError("/srv/atom/redis.sock"), "UNAVAILABLE"),
        (OSError(28, "No space left on device", "/srv/atom/secret"), "INTERNAL_ERROR"),
        (RecursionError("x.py"), "INTERNAL_ERROR"),
        (Http404("tried /srv/atom/x.py"), "NOT_FOUND"),
    ],
)
def test_no_words_of_another_layer_are_passed_on(error: Exception, code: str) -> None:
    answer = problems.response_of(problems.from_exception(error), RequestFactory().get("/api/v1/x"))
    assert orjson.loads(answer.content)["code"] == code
    assert TELLING.search(answer.content.decode()) is None
