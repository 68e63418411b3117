"""`SELECT 1` over the API against a bare Django view with a query.

Run by `make bench`; needs the embedded servers. One client, keep-alive, a real web process. The limits are ratios: the
product's 3 ms (studio database) and 8 ms (sandbox) were set where the bare view takes 0.85 ms.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import psycopg

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres.access import secret_name, studio_database
from apps.datasources.services import registry
from apps.policies.services import settings
from apps.policies.services.secrets import SecretsManager
from apps.tenancy.models import Tenant
from apps.tenancy.services import installation
from atom_project.config import config
from tests.benchmarks.report import Report, median_ms, samples_ms
from tests.support import cast

ROOT = Path(__file__).parents[2]
WEB = ("-c", "from atom_project.runtime import web; raise SystemExit(web.serve())")
BARE = ("-m", "tests.benchmarks.bare_site")
BARE_MS = 0.85
ROUNDS = 11


def run(report: Report) -> None:
    """The figures of the query door."""
    tenant = Tenant.objects.get(slug="acme").ref
    bob, alice = cast.actor("bob@acme.test", tenant), cast.actor("alice@acme.test", tenant)
    with tenant_context.entered(tenant):
        settings.change(alice, requests_per_minute_user=1_000_000, requests_per_minute_tenant=1_000_000)
        password = SecretsManager().reveal(secret_name("ro"), actor=Actor.system(tenant), purpose="benchmark")
        sandbox, _ = registry.connect(alice, name=f"Bench {new_id()}", type_name="sandbox", config={})
    with _reader(tenant, password) as connection:
        floor = median_ms(lambda: connection.execute("SELECT 1").fetchall(), runs=500, warm_up=20)
    token = cast.token_for(bob)
    with _serving(WEB) as port, _serving(BARE) as other, _client(port, token) as ask, _client(other, "") as bare:
        takes: dict[str, list[float]] = {"bare": [], "studio": [], "sandbox": [], "health": []}
        asked = {"sql": "SELECT 1", "datasource_id": str(sandbox.id)}
        for _ in range(ROUNDS):  # in turns, so that a busy machine weighs on all of them
            takes["bare"] += samples_ms(lambda: bare("GET", "/bare", None), runs=100)
            takes["studio"] += samples_ms(lambda: ask("POST", "/api/v1/data/query", {"sql": "SELECT 1"}), runs=100)
            takes["sandbox"] += samples_ms(lambda: ask("POST", "/api/v1/data/query", asked), runs=100)
            takes["health"] += samples_ms(lambda: ask("GET", "/health", None), runs=100)
    middle = {name: statistics.median(samples[100:]) for name, samples in takes.items()}  # the first round warms up
    report.figure("GET /health over HTTP", middle["health"], "ms")
    report.ratio("SELECT 1 over the API / a bare Django view", middle["studio"], middle["bare"], limit=3.0 / BARE_MS)
    report.ratio("SELECT 1 on the sandbox / a bare Django view", middle["sandbox"], middle["bare"], limit=8.0 / BARE_MS)
    report.ratio("SELECT 1 over the API / over psycopg", middle["studio"], floor)


@contextmanager
def _reader(tenant: TenantRef, password: str) -> Iterator[psycopg.Connection]:
    parts = psycopg.conninfo.conninfo_to_dict(config.postgres_dsn.get_secret_value())
    parts |= {"dbname": studio_database(tenant.id), "password": password}
    parts["user"] = installation.studio_role_name(tenant.id.hex, "ro")
    with psycopg.connect(psycopg.conninfo.make_conninfo("", **parts), autocommit=True) as connection:
        yield connection


@contextmanager
def _serving(program: tuple[str, ...]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "ATOM_PROCESS": "web"}
    process = subprocess.Popen([sys.executable, *program], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None, "the web process ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the web process did not start")


@contextmanager
def _client(port: int, token: str) -> Iterator[Callable[[str, str, object], None]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(method: str, path: str, body: object) -> None:
        connection.request(method, path, orjson.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer

    yield ask
    connection.close()
