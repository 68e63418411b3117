"""The migration runner: parallel, resumable, past a failing tenant; provisioning from the prepared script."""

from apps.core.tenant import TenantRef
from apps.tenancy.services import grants
from apps.tenancy.services.migrations import runner
from tests.support.cast import temporary_tenant


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


def test_tables_sequences_and_functions_that_differ_are_mended() -> None:
    with temporary_tenant() as tenant, runner.connect() as raw:
        schema, role = tenant.schema_name, tenant.role_name
        raw.execute(
            f'SET search_path = "{schema}"; CREATE TABLE new_one (id serial, "Odd name" int);'
            f"CREATE FUNCTION odd(of_what new_one, n int) RETURNS int LANGUAGE sql AS 'SELECT n';"
            f'GRANT UPDATE ON audit_entry TO "{role}"; RESET search_path'
        )
        wrong = " ".join(grants.deviations(raw.cursor(), schema, role))
        assert all(name in wrong for name in ("new_one", "new_one_id_seq", "odd(", "audit_entry"))
        grants.ensure_tenant(raw.cursor(), schema, role)
        assert grants.deviations(raw.cursor(), schema, role) == []


def test_every_migration_on_disk_is_applied_everywhere() -> None:
    assert runner.pending() == {}
