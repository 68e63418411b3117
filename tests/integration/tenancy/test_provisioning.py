"""Making a tenant: all or nothing, one at a time per slug, and whatever a kill left behind is finished or removed."""

import threading
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connections

from apps.core.errors import AtomError, Conflict, InvalidInput
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy import registry
from apps.tenancy.enums import TenantStatus
from apps.tenancy.models import Tenant
from apps.tenancy.services import provisioning
from apps.tenancy.services.migrations import runner, status
from apps.tenancy.services.purges import stores
from tests.support import killed

STEPS = [step.name for step in registry.provisioning_steps()]
POINTS = [
    "after the row",
    "inside the schema's transaction",
    "after the schema",
    *(f"after {name}" for name in STEPS),
    "before it is active",
]
_CHILD = """
from apps.tenancy import registry
from apps.tenancy.services import grants, provisioning
from django.utils import module_loading
name = point.removeprefix("after ")
if point == "after the row":
    provisioning._complete = die
elif point == "inside the schema's transaction":
    grants.apply_tenant = die
elif point == "after the schema":
    provisioning.registry.ProvisioningContext = die
    provisioning._prepare = lambda *a: None
elif point == "before it is active":
    make = provisioning._make
    def made(*given):
        make(*given)
        die()
    provisioning._make = made
else:
    step = {step.name: step for step in registry.provisioning_steps()}[name]
    find = provisioning.import_string
    def found(path):
        do = find(path)
        if path != step.do:
            return do
        def then_die(context):
            do(context)
            die()
        return then_die
    provisioning.import_string = found
provisioning.provision("killed-" + str(number), "Killed")
"""


@pytest.fixture(scope="module")
def half_made(world: dict[str, TenantRef]) -> dict[str, str]:
    """Slugs of tenants whose making was killed, by the point of the kill."""
    found = killed.each(POINTS, _CHILD)
    assert set(found.values()) == {-9}, found
    return {point: f"killed-{number}" for number, point in enumerate(POINTS)}


def _left(tenant: TenantRef) -> dict[str, stores.Counts]:
    found = stores.count_all(tenant)
    return {} if stores.is_clean(found) else found


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_is_finished_by_a_second_run(half_made: dict[str, str], point: str) -> None:
    slug = half_made[point]
    left = Tenant.objects.get(slug=slug)
    assert left.status == TenantStatus.PROVISIONING
    ref = provisioning.provision(slug, "Killed")
    assert ref.id == left.id
    assert Tenant.objects.get(slug=slug).status == TenantStatus.ACTIVE
    assert {r.schema: r.state for r in status.check()}[ref.schema_name] == "current"
    provisioning.remove(ref.id)
    assert _left(ref) == {}


def test_the_sweep_finishes_what_was_being_made_and_removes_what_was_being_removed() -> None:
    making, failing, removing = (f"{what}-{_tag()}" for what in ("making", "failing", "removing"))
    code = """
from apps.tenancy.services import provisioning
make = provisioning._make
def broken(*given):
    make(*given)
    raise RuntimeError("broken on purpose")
if point.startswith("making"):
    provisioning._complete = die
elif point.startswith("failing"):
    provisioning._make, provisioning.unmake = broken, die
ref = provisioning.provision(point, "Swept")
provisioning.unmake = die
provisioning.remove(ref.id)
"""
    assert set(killed.each([making, failing, removing], code).values()) == {-9}
    refs = {slug: Tenant.objects.get(slug=slug).ref for slug in (making, failing, removing)}
    call_command("finish_tenants")
    assert Tenant.objects.get(slug=making).status == TenantStatus.ACTIVE
    assert not Tenant.objects.filter(slug__in=[failing, removing]).exists()
    assert _left(refs[failing]) == {}
    assert _left(refs[removing]) == {}
    provisioning.remove(refs[making].id)


def _tag() -> str:
    return new_id().hex[-12:]


def test_two_provisions_of_one_slug_at_once_make_one_tenant() -> None:
    slug, outcomes = f"twice-{_tag()}", []

    def make() -> None:
        try:
            outcomes.append(provisioning.provision(slug, "Twice").id)
        except AtomError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["UUID", "str"]
    assert "TENANT_EXISTS" in outcomes
    (made,) = [outcome for outcome in outcomes if isinstance(outcome, UUID)]
    provisioning.remove(made)


def test_a_taken_slug_is_a_conflict(acme: TenantRef) -> None:
    with pytest.raises(Conflict, match="already"):
        provisioning.provision("acme", "again")


def test_a_bad_slug_makes_nothing() -> None:
    before = Tenant.objects.count()
    with pytest.raises(InvalidInput, match="cyrillic small letter a"):
        provisioning.provision("\u0430cme", "Acme")
    assert Tenant.objects.count() == before


def test_a_failing_step_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    here = "tests.integration.tenancy.test_provisioning"
    monkeypatch.setattr(registry, "_steps", dict(registry._steps))
    registry.register_provisioning_step("breaks", f"{here}.break_it", f"{here}.undo_nothing", order=999)
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
