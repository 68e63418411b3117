"""Secrets go in by every door that takes one; then every log, table, answer, message and audit line is searched."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
import redis
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from psycopg import sql
from pydantic import SecretStr

from apps.audit.services import outbox, relay, trail
from apps.core import redaction
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.logging import log_folder
from apps.core.tenant import TenantRef
from apps.datasources.models import Datasource
from apps.policies.engine import cosign
from apps.policies.services import signing
from apps.policies.services.secrets import SecretsManager
from atom_project.config import config
from celery_app.enqueue import enqueue
from tests.support import cast, external_postgres, vault_emulator

log = structlog.get_logger("tests.leaks")


@dataclass
class Planted:
    """Secrets by the door they went in through, and every answer that came out."""

    secrets: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)

    def plant(self, door: str, value: str = "") -> str:
        """A secret that is found nowhere else, remembered under its door."""
        self.secrets[door] = value or f"planted-{token_hex(12)}"
        return self.secrets[door]

    def saw(self, answer: Any) -> Any:
        """Keep an answer, headers and all."""
        headers = "".join(f"{name}: {value}\n" for name, value in answer.items())
        self.answers.append(headers + answer.content.decode(errors="replace"))
        return answer


@pytest.fixture(scope="module")
def home(world: dict[str, TenantRef]) -> Iterator[TenantRef]:
    with cast.temporary_tenant() as ref:
        yield ref


@pytest.fixture(scope="module")
def frida(home: TenantRef) -> Actor:
    return cast.actor(f"frida@{home.slug}.test", home)


@pytest.fixture(scope="module")
def planted(home: TenantRef, frida: Actor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    found = Planted()
    with external_postgres.running() as external:
        _datasource_doors(found, frida, external)
    _login_doors(found, home)
    _manager_and_audit(found, home, frida)
    _configuration(found, tmp_path_factory.mktemp("keys"))
    _logs(found)
    _messages(found, home, frida)
    with tenant_context.entered(home):
        relay.relay_log("", home)
    for handler in logging.getLogger().handlers:
        handler.flush()
    yield found
    _take_back_message()


def _datasource_doors(found: Planted, frida: Actor, external: external_postgres.ExternalPostgres) -> None:
    api = cast.api_client(frida)
    found.plant("password of a datasource", external.password)
    body = {"config": external.config, "secrets": {"password": external.password}}
    made = found.saw(api.post("/api/v1/connectors/postgres/connect", {"name": "Ours", **body}))
    assert made.status_code == 201, made.content
    path = f"/api/v1/datasources/{made.json()['datasource_id']}"
    wrong = {**body, "secrets": {"password": found.plant("wrong password of a connection")}}
    assert found.saw(api.post("/api/v1/connectors/postgres/connect", {"name": "Wrong", **wrong})).status_code == 502
    draft = {"name": "Draft", "type": "postgres", "config": external.config}
    secrets = {"password": found.plant("password of a draft"), "private_key": found.plant("key of a draft", _pem())}
    assert found.saw(api.post("/api/v1/datasources", {**draft, "secrets": secrets})).status_code == 201
    refused = {"value": found.plant("value that was refused")}
    assert found.saw(api.put(f"{path}/secrets/password", refused)).status_code == 502
    external.set_password(found.plant("rotated password"))
    rotated = {"value": found.secrets["rotated password"]}
    assert found.saw(api.put(f"{path}/secrets/password", rotated)).status_code == 200
    misspelt = {"valeu": found.plant("value under a misspelt name")}
    assert found.saw(api.put(f"{path}/secrets/password", misspelt)).status_code == 400
    bad_type = {"name": "X", "type": "nonsense", "secrets": {"password": found.plant("secret of an unknown type")}}
    assert found.saw(api.post("/api/v1/datasources", bad_type)).status_code == 400
    for read in ("", "/versions", "/events", "/secrets"):
        assert found.saw(api.get(f"{path}{read}")).status_code == 200
    found.saw(api.get("/api/v1/datasources"))
    found.saw(api.post(f"{path}/test", {}))
    found.saw(api.post("/api/v1/queries/preview", {"sql": "SELECT 1", "datasource_id": made.json()["datasource_id"]}))
    page = cast.page_client(frida)
    found.saw(page.get(f"/t/{frida.tenant.slug}/data/datasources/{made.json()['datasource_id']}/"))  # type: ignore[union-attr]


def _login_doors(found: Planted, home: TenantRef) -> None:
    client = Client(raise_request_exception=False)
    email = f"frida@{home.slug}.test"
    wrong = {"email": email, "password": found.plant("wrong password of a login"), "tenant": home.slug}
    found.saw(client.post("/auth/login", wrong, content_type="application/json"))
    found.saw(client.post("/login", {"email": email, "password": found.plant("wrong password on the login page")}))
    bearer = found.plant("bearer token", f"eyJhbGciOiJIUzI1NiJ9.{token_hex(20)}.{token_hex(20)}")
    found.saw(client.get("/api/v1/datasources", headers={"Authorization": f"Bearer {bearer}"}))
    found.saw(client.get(f"/api/v1/datasources?api_key={found.plant('key in an address')}"))
    url = f"/api/v1/datasources?next=https://u:{found.plant('password in an address')}@example.test/"
    found.saw(client.get(url))


def _manager_and_audit(found: Planted, home: TenantRef, frida: Actor) -> None:
    with tenant_context.entered(home):
        value = found.plant("secret of the manager")
        SecretsManager().store("leaks/one", value, actor=frida)
        SecretsManager().reveal("leaks/one", actor=frida, purpose="test")
        trail.record(frida, "test.leak", summary={"detail": f"failed with {value}", "password": found.plant("audit")})
        outbox.announce("test.leak", {"text": f"failed with {value}", "dsn": found.plant("event")})


def _configuration(found: Planted, folder: Path) -> None:
    for name in ("jwt_secret", "atom_master_key", "postgres_dsn", "redis_url"):
        found.plant(f"configured {name}", getattr(config, name).get_secret_value())
    found.plant(
        "password of POSTGRES_DSN", str(psycopg.conninfo.conninfo_to_dict(os.environ["POSTGRES_DSN"])["password"])
    )
    key = folder / "cosign.key"
    key.write_bytes(cosign.dump(ec.generate_private_key(ec.SECP256R1()), found.plant("COSIGN_PASSWORD").encode()))
    found.plant("VAULT_TOKEN", vault_emulator.TOKEN)
    with vault_emulator.running() as emulator, pytest.MonkeyPatch.context() as patched:
        patched.setattr(config, "cosign_key_path", str(key))
        patched.setattr(config, "cosign_password", SecretStr(found.secrets["COSIGN_PASSWORD"]))
        patched.setattr(config, "vault_addr", emulator.address)
        patched.setattr(config, "vault_token", SecretStr(vault_emulator.TOKEN))
        redaction.remember(*config.secret_values())
        signing.forget()
        assert not signing.sign(b"content", object_ref="leaks/1").simulated
        emulator.broken = True
        signing.forget()
        assert signing.sign(b"content", object_ref="leaks/2").simulated
    signing.forget()


def _logs(found: Planted) -> None:
    value = found.secrets["secret of the manager"]
    log.warning("connecting", target=f"with {value}", nested=[{"api_key": found.plant("value under a secret name")}])
    logging.getLogger("a.foreign.library").warning("cannot use %s", value)
    key = found.plant("an OpenAI key", f"sk-{token_hex(20)}")
    try:
        raise ValueError(f"the service refused {key} and {value}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("a.foreign.library").exception("failed")


def _messages(found: Planted, home: TenantRef, frida: Actor) -> None:
    """A task that concerns a datasource with secrets: its message waits in Redis, where nobody works on it."""
    source = Datasource.objects
    with tenant_context.entered(home):
        row = source.filter(name="Ours").get()
        enqueue("datasources.no_such_task", str(row.id))
        found.saw(cast.api_client(frida).get(f"/api/v1/datasources/{row.id}"))


def _take_back_message() -> None:
    client = redis.Redis.from_url(config.redis_url.get_secret_value())
    for key in client.scan_iter(count=1000, _type="list"):
        for message in client.lrange(key, 0, -1):
            if b"no_such_task" in message:
                client.lrem(key, 0, message)
    client.close()


def _pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - beside its one use

    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, none).decode()


# --- where a secret could have come out -------------------------------------------------------------------------------


def _log_text() -> str:
    folder = log_folder(config.log_dir, config.state_dir)
    files = [folder / "test.log", folder / "audit.log"]
    assert all(file.exists() for file in files)
    return "\n".join(file.read_text(errors="replace") for file in files)


def _table_text() -> str:
    """Every row of every table of every schema, as text; bytes both in hex and as they are."""
    parts = []
    with psycopg.connect(os.environ["POSTGRES_ADMIN_DSN"], autocommit=True) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert len(tables) > 50
        for schema, name in tables:
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, name)))
            parts += [row[0] for row in rows]
    return "\n".join(parts)


def _redis_text() -> str:
    """Every key and value of every type, in every database of the embedded server."""
    client = redis.Redis.from_url(config.redis_url.get_secret_value())
    parts = [repr(key) + _value(client, key) for key in client.scan_iter(count=1000)]
    client.close()
    assert "no_such_task" in "".join(parts), "the message of the task is there to be searched"
    return "\n".join(parts)


def _value(client: "redis.Redis", key: bytes) -> str:
    readers: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(key), b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key), b"hash": lambda: client.hgetall(key),
        b"zset": lambda: client.zrange(key, 0, -1, withscores=True), b"stream": lambda: client.xrange(key),
    }  # fmt: skip
    return repr(readers[client.type(key)]())


def forms(value: str) -> set[str]:
    """How a secret may look where it was written down."""
    inner = json.dumps(value)[1:-1]
    lines = {line for line in value.split("\n") if len(line) > 20 and "KEY-----" not in line}
    return {value, inner, value.encode().hex(), *lines}


@pytest.mark.parametrize("place", ["logs", "tables", "redis", "answers"])
def test_no_planted_secret_is_found(planted: Planted, place: str) -> None:
    readers: dict[str, Callable[[], str]] = {
        "logs": _log_text, "tables": _table_text, "redis": _redis_text, "answers": lambda: "\n".join(planted.answers),
    }  # fmt: skip
    text = readers[place]()
    assert len(text) > 500
    leaked = [door for door, value in planted.secrets.items() if any(form in text for form in forms(value))]
    assert leaked == []


def test_the_search_would_find_one(planted: Planted) -> None:
    """What is searched holds what was written: the request and its harmless words are there."""
    assert "secret_rotated" in _table_text()
    assert "a.foreign.library" in _log_text()
    assert "[REDACTED:secret]" in _log_text()
    assert any("TEST_FAILED" in answer for answer in planted.answers)
    assert len(planted.secrets) >= 20


def test_the_stored_form_of_a_datasource_secret_is_sealed_and_never_returned(
    planted: Planted, home: TenantRef, frida: Actor
) -> None:
    value = planted.secrets["rotated password"]
    with tenant_context.entered(home):
        row = Datasource.objects.get(name="Ours").secrets.get(key="password")
        assert value.encode() not in bytes(row.encrypted_value)
        assert bytes(row.encrypted_value)[0] == 1
