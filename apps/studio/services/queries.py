"""Runs a member's SQL on the studio project or another datasource, and makes the answer fit for JSON."""

from uuid import UUID

from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.datasources.contracts import ExecutionResult
from apps.datasources.engine import redaction
from apps.datasources.services import execution
from apps.policies.contracts import ExecutionRequest, Purpose
from apps.policies.services import gate
from apps.studio.contracts import PlanAnswer, QueryAnswer
from apps.studio.engine.values import Cutter
from apps.studio.selectors import project


def run(
    actor: Actor,
    sql: str,
    *,
    datasource_id: UUID | None = None,
    limit: int | None = None,
    approval_id: UUID | None = None,
    clear_pii: bool = False,
) -> QueryAnswer:
    """Run one read. Raises the gate's refusals and the connector's errors, with positions in the member's text."""
    result = execution.run(
        actor,
        datasource_id or project.project_id(actor),
        sql,
        purpose=Purpose.READ,
        max_rows=limit,
        approval_id=approval_id,
        clear_pii=clear_pii,
    )
    return _answer(result)


def explain(actor: Actor, sql: str, *, datasource_id: UUID | None = None) -> PlanAnswer:
    """The plan of one read, without running it."""
    target_id = datasource_id or project.project_id(actor)
    connector, tracer = project.traced_connector_for(actor, target_id)
    request = ExecutionRequest(
        actor=actor, connector=connector.type, dialect=connector.dialect, sql=sql, purpose=Purpose.READ,
        datasource_id=target_id, target=connector.target, preview=True,
    )  # fmt: skip
    permit = gate.require_permit(gate.decide(request, tracer=tracer))
    document = connector.plan(permit)
    if permit.reads_pii and not actor.has(Scope.PII_READ):
        document = redaction.plan_without_constants(document)
    gate.record(permit, outcome="previewed")
    plan = document["Plan"]
    return PlanAnswer(document, float(plan.get("Total Cost", 0)), int(plan.get("Plan Rows", 0)), permit.query_hash)


def _answer(result: ExecutionResult) -> QueryAnswer:
    cutter = Cutter()
    rows = [cutter.row(row) for row in result.rows]
    warnings = list(result.warnings)
    if result.truncated:
        warnings.append(f"Only the first {result.row_count} rows were fetched.")
    if cutter.cut:
        warnings.append(f"{cutter.cut} long values were cut.")
    return QueryAnswer(
        columns=[{"name": column.name, "type": column.type} for column in result.columns],
        rows=rows,
        row_count=result.row_count,
        duration_ms=result.duration_ms,
        query_hash=result.query_hash,
        cache_hit=result.cache_hit,
        simulated=result.simulated,
        redacted=list(result.redacted),
        warnings=warnings,
    )
