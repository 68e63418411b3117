"""The smoke before real execution is opened to production: on a live connector of a tenant that is not production.

For each kind of live connector the tenant has: 1. the connection test, 2. a write is refused by the gate, 3. `SELECT 1`
runs through the gate, 4. the audit trail tells of both. The outcome is stored per kind of connector.
"""

from collections.abc import Callable

from apps.audit.models import Entry
from apps.core.actor import Actor
from apps.core.errors import AtomError, PolicyViolation
from apps.core.tenant import TenantRef, entered
from apps.datasources.enums import DatasourceStatus
from apps.datasources.models import Datasource
from apps.datasources.selectors import registry as reads
from apps.datasources.services import execution, registry
from apps.policies.services import selfcheck
from apps.policies.services.selfcheck import CheckResult
from apps.tenancy.models import GateCheck

NEEDS = (
    "A live connector is an active Postgres datasource with a host, or a bigquery datasource with"
    " BIGQUERY_MOCK_MODE=false. Connect one in this tenant with a read-only login that may be used for tests, then run"
    " this again."
)


def run(tenant: TenantRef) -> list[GateCheck]:
    """One stored row per kind of live connector; none where the tenant has no live connector."""
    actor = Actor.system(tenant, "cutover")
    with entered(tenant):
        live = _live_datasources(actor)
        found = {kind: _smoke(actor, row) for kind, row in live.items()}
    return [
        selfcheck.record(GateCheck.CUTOVER, results, connector=kind, tenant_slug=tenant.slug)
        for kind, results in found.items()
    ]


def _live_datasources(actor: Actor) -> dict[str, Datasource]:
    """The newest active datasource of each kind that is real."""
    found: dict[str, Datasource] = {}
    for row in Datasource.objects.filter(status=DatasourceStatus.ACTIVE).order_by("created_at"):
        connector = reads.open_for(actor, row.id).connector
        if connector.target.is_real:
            found[connector.type] = row
    return found


def _smoke(actor: Actor, datasource: Datasource) -> list[CheckResult]:
    steps: dict[str, Callable[[], str]] = {
        "connection": lambda: _connection(actor, datasource),
        "write refused": lambda: _refused(actor, datasource),
        "read": lambda: _read(actor, datasource),
        "audit": lambda: _audited(datasource),
    }
    results = []
    for name, step in steps.items():
        try:
            results.append(CheckResult(name, True, step()))
        except AtomError as error:
            results.append(CheckResult(name, False, error.message))
            break
    return results


def _connection(actor: Actor, datasource: Datasource) -> str:
    report = registry.test(actor, datasource.id)
    broken = next((step for step in report.steps if not step.passed), None)
    if broken:
        raise AtomError(f"The test failed at “{broken.name}”: {broken.message}")
    return f"“{datasource.name}” answers"


def _refused(actor: Actor, datasource: Datasource) -> str:
    try:
        execution.run(actor, datasource.id, "SELECT 1; DROP TABLE atom_cutover_check")
    except PolicyViolation:
        return "a second statement that drops a table was refused"
    raise AtomError("A second statement that drops a table was not refused.")


def _read(actor: Actor, datasource: Datasource) -> str:
    rows = execution.run(actor, datasource.id, "SELECT 1 AS one").rows
    if [tuple(row) for row in rows] != [(1,)]:
        raise AtomError("SELECT 1 answered something else.")
    return "SELECT 1 answered 1 through the gate"


def _audited(datasource: Datasource) -> str:
    rows = Entry.objects.filter(action="security_gate_decision", object_id=str(datasource.id)).order_by("-seq")[:2]
    if {row.outcome for row in rows} != {"executed", "refused"}:
        raise AtomError("The audit trail does not tell of the refusal and the read.")
    return "the trail tells of the refusal and the read"
