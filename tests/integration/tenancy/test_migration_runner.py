"""The migration runner: parallel, resumable, past a failing tenant; provisioning from the prepared script."""

import pytest

from apps.core.errors import Conflict, InvalidInput
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Tenant
from apps.tenancy.services import grants, provisioning
from apps.tenancy.services.migrations import plan, runner
from tests.support.cast import temporary_tenant

_STEP = plan.Step(("audit", "9999_probe"), ("CREATE TABLE probe_migration (id int)",))


def _columns(schema: str) -> set[tuple[str, str, str]]:
    with runner.connect() as raw:
        rows = raw.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = %s",
            [schema],
        ).fetchall()
    return {tuple(row) for row in rows}  # type: ignore[misc]


def test_a_provisioned_schema_equals_the_template(acme: TenantRef) -> None:
    assert _columns(acme.schema_name) == _columns(runner.TEMPLATE)


def test_rights_in_every_schema_are_those_of_the_table_in_code(acme: TenantRef, globex: TenantRef) -> None:
    with runner.connect() as raw:
        for tenant in (acme, globex):
            assert grants.deviations(raw.cursor(), tenant.schema_name, tenant.role_name) == []


def test_a_right_too_many_is_reported() -> None:
    with temporary_tenant() as tenant, runner.connect() as raw:
        raw.execute(f'GRANT UPDATE ON "{tenant.schema_name}".audit_entry TO "{tenant.role_name}"')
        found = grants.deviations(raw.cursor(), tenant.schema_name, tenant.role_name)
        assert len(found) == 1
        assert "audit_entry" in found[0]


def test_one_failing_tenant_does_not_stop_the_others() -> None:
    with temporary_tenant() as good, temporary_tenant() as bad, runner.connect() as raw:
        raw.execute(f'CREATE TABLE "{bad.schema_name}".probe_migration (id int)')
        results = [runner._migrate_schema(t.schema_name, t.role_name, [_STEP], raw) for t in (bad, good)]
        assert [result.state for result in results] == ["failed", "ok"]
        assert "already exists" in results[0].error
        assert ("audit", "9999_probe") not in plan.applied_in(raw.cursor(), bad.schema_name)


def test_a_second_run_applies_nothing_and_resumes_where_one_stopped() -> None:
    with temporary_tenant() as tenant, runner.connect() as raw:
        for _ in range(2):
            assert runner._migrate_schema(tenant.schema_name, tenant.role_name, [_STEP], raw).state == "ok"
        assert [r.state for r in runner.migrate_tenants(only=[tenant.slug])] == ["current", "current"]


def test_every_migration_on_disk_is_applied_everywhere() -> None:
    assert runner.pending() == {}


@pytest.mark.parametrize("slug", ["", "-x", "x-", "Ünïcode", "UPPER", "a" * 41, "a b", "a/b", "admin", "日本"])
def test_bad_slugs_are_refused_with_one_sentence(slug: str) -> None:
    with pytest.raises(InvalidInput):
        provisioning.provision(slug, "x")


def test_a_taken_slug_is_a_conflict(acme: TenantRef) -> None:
    with pytest.raises(Conflict):
        provisioning.provision("acme", "again")


def test_a_failing_step_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_steps", dict(registry._steps))
    registry.register_provisioning_step(
        "breaks",
        "tests.integration.tenancy.test_migration_runner.break_it",
        "tests.integration.tenancy.test_migration_runner.undo_nothing",
        order=999,
    )
    with pytest.raises(RuntimeError, match="broken on purpose"):
        provisioning.provision("half-made", "Half")
    assert not Tenant.objects.filter(slug="half-made").exists()
    with runner.connect() as raw:
        left = raw.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenant_%'").fetchone()
        known = Tenant.objects.count() + 1  # and the template
    assert left == (known,)


def break_it(context: registry.ProvisioningContext) -> None:
    """A step that always fails."""
    raise RuntimeError("broken on purpose")


def undo_nothing(context: registry.ProvisioningContext) -> None:
    """Nothing to undo."""


def test_a_row_left_by_a_kill_is_finished_by_the_next_run() -> None:
    row = provisioning._row("left-over", "Left", "UTC", False)
    assert row.status == TenantStatus.PROVISIONING
    try:
        ref = provisioning.provision("left-over", "Left")
        assert ref.id == row.id
        assert Tenant.objects.get(id=row.id).status == TenantStatus.ACTIVE
    finally:
        provisioning.remove(row.id)
