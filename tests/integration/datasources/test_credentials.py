"""A secret of a datasource is tried before it is used, and the connection works before, during and after."""

import threading
from collections.abc import Iterator
from secrets import token_hex
from typing import Any
from uuid import UUID

import pytest
from django.db import connection as database
from django.db import connections

from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, Upstream
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres import pools
from apps.datasources.models import DatasourceEvent, DatasourceSecret
from apps.datasources.services import credentials, execution, registry
from apps.policies.services import rotation, selfcheck
from apps.policies.services.selfcheck import CheckResult
from apps.tenancy.models import GateCheck
from atom_project.config import config
from tests.support import cast, external_postgres
from tests.support.external_postgres import ExternalPostgres

SQL = "SELECT count(*) AS n FROM canaries"


@pytest.fixture(scope="module")
def external(world: dict[str, TenantRef]) -> Iterator[ExternalPostgres]:
    with external_postgres.running() as found:
        yield found


@pytest.fixture(scope="module")
def home(world: dict[str, TenantRef]) -> Iterator[TenantRef]:
    """A tenant of this file's own, with frida as its admin."""
    with cast.temporary_tenant() as ref:
        yield ref


@pytest.fixture
def frida(home: TenantRef) -> Actor:
    return cast.actor(f"frida@{home.slug}.test", home)


@pytest.fixture
def here(home: TenantRef, frida: Actor, mallory: Actor) -> Iterator[TenantRef]:
    with tenant_context.entered(home):
        yield home


@pytest.fixture
def source(here: TenantRef, frida: Actor, external: ExternalPostgres) -> UUID:
    row, _ = registry.connect(
        frida,
        name=f"Ours {token_hex(4)}",
        type_name="postgres",
        config=external.config,
        secrets={"password": external.password},
    )
    return row.id


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Real execution is open."""
    monkeypatch.setattr(config, "allow_real_query_execution", True)
    selfcheck.record(GateCheck.SELFCHECK, [CheckResult("written by a test", True, "")])
    selfcheck.record(GateCheck.CUTOVER, [CheckResult("written by a test", True, "")], connector="postgres")
    yield
    with tenant_context.entered(None):
        GateCheck.objects.using("admin").all().delete()
    selfcheck.forget()


def path(source: UUID, key: str = "") -> str:
    return f"/api/v1/datasources/{source}/secrets" + (f"/{key}" if key else "")


def version(source: UUID) -> int:
    return DatasourceSecret.objects.get(datasource_id=source, key="password").version


class Asking:
    """Runs the statement again and again in another thread, as a dashboard would; keeps what went wrong."""

    def __init__(self, actor: Actor, tenant: TenantRef, source: UUID) -> None:
        self.actor, self.tenant, self.source = actor, tenant, source
        self.errors: list[BaseException] = []
        self.answers = 0
        self._more = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Asking":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for(self, more: int) -> None:
        """Until that many further answers came."""
        with self._more:
            goal = self.answers + more
            self._more.wait_for(lambda: self.answers >= goal or self.errors, timeout=60)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                with tenant_context.entered(self.tenant):
                    assert execution.run(self.actor, self.source, SQL).rows == [(5,)]
                with self._more:
                    self.answers += 1
                    self._more.notify_all()
        except BaseException as error:
            with self._more:
                self.errors.append(error)
                self._more.notify_all()
        finally:
            connections.close_all()


def test_a_rotation_keeps_the_connection_working_throughout(
    here: TenantRef, frida: Actor, source: UUID, external: ExternalPostgres, opened: None
) -> None:
    with Asking(frida, here, source) as asking:
        asking.wait_for(2)
        with pytest.raises(Upstream):
            credentials.rotate(frida, source, "password", "a wrong password")
        assert version(source) == 1
        asking.wait_for(2)
        external.set_password("the next password")
        asking.wait_for(2)
        assert credentials.rotate(frida, source, "password", "the next password", expected=1).secret.version == 2
        asking.wait_for(2)
    assert asking.errors == []
    pools.close(here.id)  # another process, or this one after a restart
    assert execution.run(frida, source, SQL).rows == [(5,)]
    external.set_password(external.password)


def test_a_value_that_does_not_work_changes_nothing_and_is_told(
    here: TenantRef, frida: Actor, source: UUID, external: ExternalPostgres
) -> None:
    before = external.sessions()
    answer = cast.api_client(frida).put(path(source, "password"), {"value": "a wrong password"})
    assert (answer.status_code, answer.json()["code"]) == (502, "TEST_FAILED")
    assert "a wrong password" not in answer.content.decode()
    with tenant_context.entered(here):
        assert version(source) == 1
        refusal = Entry.objects.filter(action="datasource.secret_rotate").latest("seq")
        assert refusal.outcome == "refused"
    assert external.sessions() == before, "what was opened for the trial was closed"


def test_the_door_rotates_and_shows_all_but_the_value(
    here: TenantRef, frida: Actor, source: UUID, external: ExternalPostgres
) -> None:
    api = cast.api_client(frida)
    answer = api.put(path(source, "password"), {"value": external.password}, HTTP_IF_MATCH='"1"')
    assert answer.status_code == 200, answer.content
    assert (answer.json()["version"], answer.headers["ETag"]) == (2, '"2"')
    listed = api.get(path(source)).json()["items"]
    assert [set(item) for item in listed] == [
        {"key", "version", "created_by", "created_at", "rotated_by", "rotated_at"}
    ]
    assert (listed[0]["key"], listed[0]["version"], listed[0]["rotated_by"]) == ("password", 2, str(frida.id))
    for text in (answer.content.decode(), str(listed)):
        assert external.password not in text
    with tenant_context.entered(here):
        assert DatasourceEvent.objects.filter(datasource_id=source, kind="secret_rotated").count() == 1
        told = Entry.objects.filter(action="datasource.secret_rotated").latest("seq")
        assert told.summary == {"key": "password", "version": 2}


def test_who_saw_an_older_version_is_told_and_changes_nothing(
    here: TenantRef, frida: Actor, source: UUID, external: ExternalPostgres
) -> None:
    api = cast.api_client(frida)
    stale = api.put(path(source, "password"), {"value": external.password}, HTTP_IF_MATCH='"7"')
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "VERSION_CONFLICT", 1)
    with tenant_context.entered(here):
        assert version(source) == 1


def test_of_two_rotations_at_once_one_wins_and_the_other_is_told(
    here: TenantRef, frida: Actor, source: UUID, external: ExternalPostgres
) -> None:
    outcomes: list[Any] = []
    both = threading.Barrier(2)

    def run() -> None:
        try:
            with tenant_context.entered(here):
                both.wait(timeout=20)
                outcomes.append(credentials.rotate(frida, source, "password", external.password, expected=1))
        except Conflict as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(type(each).__name__ for each in outcomes) == ["Conflict", "Rotated"]
    assert version(source) == 2


def test_only_an_admin_changes_or_lists_secrets_and_another_tenant_finds_nothing(
    here: TenantRef, frida: Actor, source: UUID, mallory: Actor
) -> None:
    from apps.core.permissions import Role  # noqa: PLC0415 - beside its one use
    from apps.tenancy.services import members  # noqa: PLC0415 - beside its one use

    with tenant_context.entered(None):
        members.ensure_member(
            here, email=f"fred@{here.slug}.test", name="Fred", role=Role.MEMBER, password=cast.PASSWORD
        )
        fred = cast.actor(f"fred@{here.slug}.test", here)
        assert cast.api_client(fred).put(path(source, "password"), {"value": "x"}).status_code == 403
        assert cast.api_client(fred).get(path(source)).status_code == 403
        assert cast.api_client(mallory).put(path(source, "password"), {"value": "x"}).status_code == 404
        assert cast.api_client(mallory).get(path(source)).status_code == 404


@pytest.mark.parametrize("value", ["", "with\0nul", "x" * (credentials.LONGEST + 1)])
def test_a_value_that_cannot_be_one_is_refused(frida: Actor, source: UUID, value: str) -> None:
    answer = cast.api_client(frida).put(path(source, "password"), {"value": value})
    assert answer.status_code == 400


def test_a_value_that_looks_like_an_attack_is_still_a_value(frida: Actor, source: UUID) -> None:
    answer = cast.api_client(frida).put(path(source, "password"), {"value": "' OR 1=1; -- <script>"})
    assert answer.json()["code"] == "TEST_FAILED", answer.content


def test_the_studio_login_is_kept_by_atom_itself(here: TenantRef, frida: Actor) -> None:
    from apps.datasources.models import Datasource  # noqa: PLC0415 - beside its one use

    studio = Datasource.objects.get(type="postgres", project="studio")
    answer = cast.api_client(frida).put(path(studio.id, "password"), {"value": "something else"})
    assert (answer.status_code, answer.json()["code"]) == (409, "SECRET_MANAGED")


def test_a_new_data_key_reaches_datasource_secrets_too(
    here: TenantRef, frida: Actor, source: UUID, external: ExternalPostgres, opened: None
) -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT encrypted_value FROM datasource_secrets WHERE datasource_id = %s", [source])
        before = bytes(cursor.fetchone()[0])
        with tenant_context.entered(here):
            rotation.rotate_data_key(here)
        cursor.execute("SELECT encrypted_value FROM datasource_secrets WHERE datasource_id = %s", [source])
        assert bytes(cursor.fetchone()[0]) != before
    pools.close(here.id)
    assert execution.run(frida, source, SQL).rows == [(5,)]


def test_testing_a_configuration_uses_the_password_that_was_given(
    here: TenantRef, frida: Actor, external: ExternalPostgres
) -> None:
    """And not a connection that an earlier test with another password left open."""
    given = {"type_name": "postgres", "config": external.config}
    assert registry.try_config(frida, **given, secrets={"password": external.password}).passed
    assert not registry.try_config(frida, **given, secrets={"password": "another password"}).passed
