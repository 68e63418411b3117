"""How the registry, results and tests look in JSON."""

from typing import Any

from apps.datasources.contracts import ExecutionResult, TestReport
from apps.datasources.models import Datasource, DatasourceEvent, DatasourceSecret, DatasourceVersion
from apps.datasources.selectors.warehouse import TableSummary


def datasource(row: Datasource, version: DatasourceVersion | None = None) -> dict[str, Any]:
    """A datasource with its state; with its configuration when a version is given. Secrets are never part of it."""
    state = row.state
    shown: dict[str, Any] = {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "type": row.type,
        "status": row.status,
        "owner_id": row.owner_id,
        "tags": row.tags,
        "project": row.project,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "simulated": row.type == "sandbox",
        "state": {
            "status": state.status,
            "current_version": state.current_version,
            "last_heartbeat": state.last_heartbeat,
            "last_event": state.last_event,
            "error_code": state.error_code,
            "error_message": state.error_message,
        },
        "metrics": state.metrics,
    }
    if version is not None:
        shown["version"] = version_of(version)
    return shown


def version_of(row: DatasourceVersion) -> dict[str, Any]:
    """One version."""
    return {
        "number": row.number,
        "state": row.state,
        "config": row.config,
        "comment": row.comment,
        "approval": row.approval,
        "created_by": row.created_by,
        "created_at": row.created_at,
    }


def secret(row: DatasourceSecret) -> dict[str, Any]:
    """A secret: all but its value."""
    return {
        "key": row.key,
        "version": row.version,
        "created_by": row.created_by,
        "created_at": row.created_at,
        "rotated_by": row.rotated_by,
        "rotated_at": row.rotated_at,
    }


def event(row: DatasourceEvent) -> dict[str, Any]:
    """One event."""
    return {"id": row.id, "kind": row.kind, "message": row.message, "detail": row.detail, "at": row.created_at}


def report(found: TestReport) -> dict[str, Any]:
    """A connection test."""
    steps = [
        {"name": step.name, "passed": step.passed, "message": step.message, "duration_ms": step.duration_ms}
        for step in found.steps
    ]
    return {"passed": found.passed, "simulated": found.simulated, "steps": steps}


def result(found: ExecutionResult) -> dict[str, Any]:
    """Rows and how they came about."""
    return {
        "execution_id": found.execution_id,
        "columns": [{"name": c.name, "type": c.type, "redacted": c.redacted} for c in found.columns],
        "rows": found.rows,
        "row_count": found.row_count,
        "truncated": found.truncated,
        "query_hash": found.query_hash,
        "final_sql": found.final_sql,
        "decision": found.decision,
        "estimated_bytes": found.estimate.bytes,
        "estimated_cost_usd": float(found.estimate.usd),
        "bytes_billed": found.bytes_billed,
        "duration_ms": found.duration_ms,
        "cache_hit": found.cache_hit,
        "simulated": found.simulated,
        "redacted": found.redacted,
        "warnings": found.warnings,
    }


def table(row: TableSummary) -> dict[str, Any]:
    """A table of the sandbox warehouse."""
    return {
        "id": row.id,
        "dataset": row.dataset,
        "name": row.name,
        "origin": row.origin,
        "rows": row.rows,
        "bytes": row.bytes,
        "columns": [{"name": name, "type": kind, "source": source} for name, kind, source in row.columns],
        "partition_column": row.partition_column or None,
        "partitions": row.partitions,
        "description": row.description,
        "updated_at": row.updated_at,
    }
