"""The real-query gate: while the flag is off or the self-check is not PASS for this code, nothing real runs."""

import ast
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.components import Mode
from apps.core.errors import Forbidden
from apps.core.tenant import TenantRef
from apps.datasources.models import CatalogColumn, CatalogTable
from apps.datasources.services import execution, recognition, registry, samples
from apps.policies.services import codeversion, gatechecks, selfcheck
from apps.policies.services.selfcheck import CheckResult
from apps.tenancy.models import GateCheck, Tenant
from atom_project.config import config
from tests.support import cast, external_postgres
from tests.support.external_postgres import ExternalPostgres

PASSED = [CheckResult("written by a test", True, "")]
SQL = "SELECT count(*) AS n FROM canaries"
ROOT = Path(__file__).parents[3]


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


@pytest.fixture(autouse=True)
def _no_checks(world: dict[str, TenantRef]) -> Iterator[None]:
    yield
    with tenant_context.entered(None):
        GateCheck.objects.using("admin").all().delete()
        Tenant.objects.using("admin").update(is_production=True)
    selfcheck.forget()


@pytest.fixture
def flag_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "allow_real_query_execution", True)


def passed(kind: str = GateCheck.SELFCHECK, connector: str = "", results: list[CheckResult] = PASSED) -> GateCheck:
    return selfcheck.record(kind, results, connector=connector)


def refusal(actor: Actor, source: UUID) -> str:
    with pytest.raises(Forbidden) as caught:
        execution.run(actor, source, SQL)
    assert caught.value.code == "REAL_EXECUTION_OFF"
    return caught.value.message


# --- the flag is off: every door that executes -----------------------------------------------------------------------

# module that calls execution.run, preview or approve_run -> the doors by which the test below reaches it
DOORS_OF = {
    "apps/datasources/api/queries.py": ("run", "preview", "approve_run"),
    "apps/studio/services/queries.py": ("studio_query", "studio_query_unversioned"),
    "apps/datasources/services/profiling.py": ("run",),  # warehouses alone; a Postgres is refused before (400)
    "apps/datasources/services/samples.py": ("samples",),
    "apps/datasources/services/recognition.py": ("nightly",),
    "apps/dashboards/services/asking.py": ("cards",),
    "apps/dashboards/services/previews.py": ("cards",),
    "apps/datasources/services/cutover.py": ("cutover",),
}


def test_every_place_that_executes_is_walked_below() -> None:
    found = set()
    for path in (ROOT / "apps").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "execution.run", "execution.preview", "execution.approve_run",
            } and "workflows/" not in path.as_posix():  # fmt: skip
                found.add(path.relative_to(ROOT).as_posix())
    assert found <= set(DOORS_OF), "a new place executes: walk its door here"


def test_with_the_flag_off_every_executing_door_answers_403_and_says_so_in_audit(
    here: TenantRef, frida: Actor, source: UUID, external: ExternalPostgres
) -> None:
    api, before = cast.api_client(frida), external.sessions()
    body = {"sql": SQL, "datasource_id": str(source)}
    answers: dict[str, Any] = {
        "run": api.post("/api/v1/queries/run", body),
        "studio_query": api.post("/api/v1/data/query", body),
        "studio_query_unversioned": api.post("/api/data/query", body),
    }
    preview = api.post("/api/v1/queries/preview", body)
    assert (preview.status_code, preview.json()["decision"]) == (200, "block")
    assert [rule["id"] for rule in preview.json()["rules"]] == ["real_execution"]
    answers["approve_run"] = api.post("/api/v1/queries/approve-run", {"preview_id": preview.json()["preview_id"]})
    for door, answer in answers.items():
        assert answer.status_code == 403, (door, answer.content)
        assert answer.json()["code"] == "REAL_EXECUTION_OFF", door
        assert answer.json()["next_steps"], door
    with tenant_context.entered(here):
        rows = Entry.objects.filter(action="security_gate_decision", object_id=str(source))
        assert rows.count() == len(answers) + 1
        assert set(rows.values_list("decision", flat=True)) == {"block"}
        assert all(row.summary["rules"] == ["real_execution:block"] for row in rows)
    assert external.sessions() == before, "not even a connection was opened"


def test_with_the_flag_off_samples_of_a_real_source_are_refused(here: TenantRef, frida: Actor, source: UUID) -> None:
    table = CatalogTable.objects.create(datasource_id=source, dataset="public", name="canaries")
    CatalogColumn.objects.create(table=table, name="id", position=1, type="INT64")
    with pytest.raises(Forbidden):
        samples.draw(frida, table)


def test_with_the_flag_off_the_nightly_look_for_personal_data_reads_no_row(
    here: TenantRef, frida: Actor, source: UUID
) -> None:
    recognition.nightly(str(source), here)
    rows = Entry.objects.filter(action="security_gate_decision", object_id=str(source))
    assert set(rows.values_list("decision", flat=True)) <= {"block"}


# --- what opens it ---------------------------------------------------------------------------------------------------


def test_the_flag_alone_opens_nothing(frida: Actor, source: UUID, flag_on: None) -> None:
    assert "self-check" in refusal(frida, source)


def test_a_pass_of_another_version_opens_nothing(frida: Actor, source: UUID, flag_on: None) -> None:
    row = passed()
    GateCheck.objects.using("admin").filter(id=row.id).update(code_version="0" * 64)
    selfcheck.forget()
    assert "self-check" in refusal(frida, source)


def test_a_failed_check_or_an_empty_one_is_no_pass(frida: Actor, source: UUID, flag_on: None) -> None:
    assert not passed(results=[*PASSED, CheckResult("audit", False, "broken")]).passed
    assert not passed(results=[]).passed
    assert "self-check" in refusal(frida, source)


def test_a_production_tenant_waits_for_the_cut_over_check(frida: Actor, source: UUID, flag_on: None) -> None:
    passed()
    assert "cut-over" in refusal(frida, source)
    passed(GateCheck.CUTOVER, connector="bigquery")
    assert "cut-over" in refusal(frida, source)
    passed(GateCheck.CUTOVER, connector="postgres")
    assert execution.run(frida, source, SQL).rows == [(5,)]


def test_a_later_failure_closes_it_again(frida: Actor, source: UUID, flag_on: None) -> None:
    passed()
    passed(GateCheck.CUTOVER, connector="postgres")
    assert execution.run(frida, source, SQL).rows == [(5,)]
    passed(results=[CheckResult("audit", False, "broken")])
    assert "self-check" in refusal(frida, source)


def test_the_role_that_serves_requests_cannot_write_a_pass(here: TenantRef) -> None:
    for who in (None, here):
        with tenant_context.entered(who), connection.cursor() as cursor:
            for right in ("INSERT", "UPDATE", "DELETE"):
                cursor.execute("SELECT has_table_privilege('public.tenancy_gatecheck', %s)", [right])
                assert cursor.fetchone() == (False,), (who, right)


def test_no_setting_or_admin_field_turns_the_flag_on() -> None:
    from apps.policies.models import PolicySettings  # noqa: PLC0415 - beside its one use

    for model in (PolicySettings, Tenant):
        assert not [field.name for field in model._meta.get_fields() if "real" in field.name]


# --- the checks themselves -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(900)  # compiling the second reader: ten seconds of CPU, more on a busy machine
def test_the_self_check_passes_here_and_is_stored_for_this_version(
    flag_on: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("gate_selfcheck")
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == f"PASS for version {codeversion.current()[:12]}", said
    assert selfcheck.newest(GateCheck.SELFCHECK)[:2] == (codeversion.current(), True)  # type: ignore[index]
    assert selfcheck.health().mode is Mode.LIVE


def test_a_verdict_that_changed_fails_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.policies.contracts import Dialect  # noqa: PLC0415 - beside its one use

    case = {"id": "wrong", "expect": "run", "why": "a drop", "sql": "DROP TABLE t"}
    found = list(gatechecks.cases(Dialect.POSTGRES))
    monkeypatch.setattr(gatechecks, "cases", lambda dialect: iter([*found, case]))
    with pytest.raises(AssertionError, match="wrong"):
        gatechecks.corpus(Dialect.POSTGRES)


def test_the_cut_over_check_opens_production_after_it_passed_elsewhere(
    here: TenantRef, frida: Actor, source: UUID, flag_on: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with tenant_context.entered(None):
        with pytest.raises(CommandError, match="production tenant"):
            call_command("cutover_check", "--tenant", here.slug)
        with pytest.raises(CommandError, match="self-check"):
            call_command("cutover_check", "--tenant", here.slug, "--mark-non-production")
        passed()
        call_command("cutover_check", "--tenant", here.slug)
    assert "PASS for postgres" in capsys.readouterr().out
    row = GateCheck.objects.using("admin").get(kind=GateCheck.CUTOVER)
    assert (row.passed, row.connector, [step["name"] for step in row.details]) == (
        True, "postgres", ["connection", "write refused", "read", "audit"],
    )  # fmt: skip
    Tenant.objects.using("admin").filter(id=here.id).update(is_production=True)
    selfcheck.forget()
    assert execution.run(frida, source, SQL).rows == [(5,)]


def test_a_tenant_without_a_live_connector_is_told_what_it_takes(globex: TenantRef, flag_on: None) -> None:
    passed()
    with pytest.raises(CommandError, match="read-only login"):
        call_command("cutover_check", "--tenant", globex.slug, "--mark-non-production")


def test_a_login_that_no_longer_works_fails_the_cut_over(
    here: TenantRef, frida: Actor, source: UUID, flag_on: None, external: ExternalPostgres
) -> None:
    passed()
    external.set_password("changed-behind-our-back")
    try:
        from apps.datasources.connectors.postgres import pools  # noqa: PLC0415 - beside its one use

        pools.close(here.id)
        with tenant_context.entered(None), pytest.raises(SystemExit):
            call_command("cutover_check", "--tenant", here.slug, "--mark-non-production")
    finally:
        external.set_password(external.password)
    assert not GateCheck.objects.using("admin").get(kind=GateCheck.CUTOVER).passed


def test_the_readiness_tells_what_is_closed_and_why(flag_on: None) -> None:
    assert selfcheck.health().mode is Mode.BLOCKED
    assert "never ran" in selfcheck.health().detail
    passed()
    assert "no cut-over check yet" in selfcheck.health().detail
    assert "admin" in django_settings.DATABASES
