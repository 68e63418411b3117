"""Known values of protected columns, looked for in all that leaves: answers, pages, rows, Redis, logs, payloads."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.dashboards.services import requests as dashboard_requests
from apps.datasources.connectors.postgres.access import secret_name
from apps.datasources.models import CatalogTable, Datasource
from apps.datasources.services import demo, execution, registry
from apps.memos.services import requests as memo_requests
from apps.policies.services.secrets import SecretsManager
from apps.studio.services import project
from apps.tenancy.services.migrations import runner
from tests.support import cast, shop

PLANTED = "INSERT INTO people SELECT n, 'planted.' || n || '@canary' || n || '.example' FROM generate_series(1, 60) n"


@dataclass(frozen=True, slots=True)
class Scene:
    """A tenant in use: profiled, with dashboards, a memo, a studio table; `values` must not be seen anywhere."""

    tenant: TenantRef
    admin: Actor
    datasource: Datasource
    values: frozenset[str]


@pytest.fixture(scope="module")
def scene(world: dict[str, TenantRef]) -> Iterator[Scene]:
    redis_client().flushdb()
    with cast.temporary_tenant() as ref:
        frida = cast.actor(f"frida@{ref.slug}.test", ref)
        demo.load_demo(ref, scale=shop.SMALL)
        with tenant_context.entered(ref):
            source, _ = registry.connect(frida, name="Shop", type_name="sandbox", config={})
            shop.confirm_all(frida, source)
            wish = dashboard_requests.wish_of(frida, source.id)
            shop.drive(dashboard_requests.start(frida, wish).id)
            shop.drive(memo_requests.start(frida, source.id).id)
            _studio_table(ref)
            found = execution.run(
                frida,
                source.id,
                "SELECT email, phone FROM shop.users",
                artifact_ref="test",
                recognition=True,
            )
            values = {str(value) for row in found.rows for value in row if value is not None and len(str(value)) > 7}
        yield Scene(ref, frida, source, frozenset(values | {f"planted.{n}@canary{n}.example" for n in range(1, 61)}))


def _studio_table(ref: TenantRef) -> None:
    secret = SecretsManager(ref).reveal(secret_name("owner"), actor=Actor.system(ref), purpose="test")
    with runner.connect() as beside, project.owner_connection(beside, ref, secret) as owner:
        owner.execute("CREATE TABLE people (id int, contact text)")
        owner.execute(PLANTED)
        owner.execute("ANALYZE people")


def seen(text: str, values: frozenset[str]) -> list[str]:
    """Values that the text holds."""
    return [value for value in values if value in text]


def paths(scene: Scene) -> list[str]:
    with tenant_context.entered(scene.tenant):
        ids = list(CatalogTable.objects.values_list("id", flat=True))
    listed = "catalog/tables pii/review recommendations approvals audit costs artifacts dashboards memos datasources"
    more = "workflows/runs workflows/dead-letters data/tables feedback"
    return [*(f"/api/v1/{name}" for name in f"{listed} {more}".split()), *(f"/api/v1/catalog/tables/{i}" for i in ids)]


def pages(scene: Scene) -> list[str]:
    with tenant_context.entered(scene.tenant):
        tables_ = list(CatalogTable.objects.filter(datasource=scene.datasource).values_list("id", flat=True))
    names = "data/catalog/ data/pii/ data/recommendations/ data/warehouse/ data/datasources/ studio/tables/ studio/sql/"
    more = "operations/audit/ operations/approvals/ operations/costs/ operations/workflows/ notices autopilot/memos/"
    return ["", *names.split(), *more.split(), *(f"data/catalog/{i}/" for i in tables_)] + [
        f"data/catalog/{i}/sample" for i in tables_
    ]


def inner_links(body: dict[str, Any], name: str) -> list[str]:
    return [f"/api/v1/{name}/{item['id']}" for item in body.get("items", []) if "id" in item]


def test_no_answer_page_row_key_or_log_holds_a_planted_value(
    scene: Scene,
    api: Callable[[Actor | None], Any],
    browser_client: Callable[[Actor], Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    found: dict[str, list[str]] = {}

    def look(place: str, text: str) -> None:
        if hits := seen(text, scene.values):
            found[place] = hits[:3]

    client, browser = api(scene.admin), browser_client(scene.admin)
    for name in ("shop.users", "shop.orders"):
        body = {"sql": f"SELECT * FROM {name} LIMIT 50", "datasource_id": str(scene.datasource.id)}
        answer = client.post("/api/v1/queries/run", body, format="json")
        assert answer.status_code == 200, answer.content
        look(name, answer.content.decode())
        look(f"preview {name}", client.post("/api/v1/queries/preview", body, format="json").content.decode())
    for statement in (
        "SELECT * FROM people", "SELECT to_json(p) FROM people p", "SELECT max(contact) FROM people",
        "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE tablename = 'people'",
        "SELECT contact::int FROM people",
    ):  # fmt: skip
        answer = client.post("/api/v1/data/query", {"sql": statement}, format="json")
        assert answer.status_code in (200, 400, 422), answer.content
        look(statement, answer.content.decode())
        look(f"explain {statement}", client.post("/api/v1/data/explain", {"sql": statement}).content.decode())
    for path in paths(scene):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.content[:300])
        look(path, answer.content.decode())
        for inner in inner_links(answer.json(), path.removeprefix("/api/v1/")):
            look(inner, client.get(inner).content.decode())
    for page in pages(scene):
        answer = browser.get(f"/t/{scene.tenant.slug}/{page}")
        assert answer.status_code == 200, page
        look(page, answer.content.decode())
    look("logs", caplog.text)
    for name, text in _rows(scene.tenant):
        look(f"table {name}", text)
    for name, text in _keys():
        look(f"redis {name}", text)
    assert found == {}


def _rows(ref: TenantRef) -> Iterator[tuple[str, str]]:
    """Every row of the tenant's schema and of the public one, workflow outputs, audit rows and outbox included."""
    with runner.connect() as connection:
        listed = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', %s)", [ref.schema_name]
        ).fetchall()
        for schema, table in listed:
            query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, table))
            yield f"{schema}.{table}", "\n".join(row[0] or "" for row in connection.execute(query))


def _keys() -> Iterator[tuple[str, str]]:
    """Everything in Redis: cached results, task payloads, streams, presence."""
    redis = redis_client()
    for key in redis.scan_iter(count=1000):
        kind = redis.type(key).decode()
        read = {
            "string": lambda key=key: _unpacked(redis.get(key)),
            "list": lambda key=key: str(redis.lrange(key, 0, -1)),
            "set": lambda key=key: str(redis.smembers(key)),
            "zset": lambda key=key: str(redis.zrange(key, 0, -1)),
            "hash": lambda key=key: str(redis.hgetall(key)),
            "stream": lambda key=key: str(redis.xrange(key)),
        }.get(kind)
        if read is not None:
            yield key.decode(errors="replace"), read()


def _unpacked(value: Any) -> str:
    if value is None:
        return ""
    try:
        return zlib.decompress(value).decode(errors="replace")
    except zlib.error:
        return value.decode(errors="replace")


def test_the_search_itself_finds_what_is_there(scene: Scene) -> None:
    assert len(scene.values) > 300
    assert seen(f"x {next(iter(scene.values))} y {uuid4()}", scene.values)
