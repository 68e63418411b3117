"""What the API gives of approvals, costs, decisions and settings."""

from collections.abc import Sequence
from typing import Any

from apps.policies.engine.setting_fields import BY_NAME, in_units
from apps.policies.models import Approval, ApprovalEvent, LedgerEntry, PolicySettings, PolicyVersion
from apps.policies.selectors.costs import Share, Summary
from apps.policies.selectors.decisions import DecisionLine
from apps.policies.services import settings


def approval(row: Approval) -> dict[str, Any]:
    """An approval as the API gives it."""
    return {
        "id": str(row.id),
        "state": row.state,
        "kinds": row.kinds,
        "title": row.title,
        "subject": {"type": row.subject_type, "id": row.subject_id or None},
        "query_hash": row.query_hash,
        "sql": row.sql,
        "purpose": row.purpose or None,
        "shown": row.shown,
        "estimated_bytes": row.estimated_bytes,
        "datasource_id": str(row.datasource_id) if row.datasource_id else None,
        "requested_by": str(row.requested_by) if row.requested_by else None,
        "requester": row.requester,
        "reasons": row.findings,
        "needs_another_person": row.needs_another_person,
        "single_use": row.is_single_use,
        "comment": row.comment,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "decided_by": str(row.decided_by) if row.decided_by else None,
        "decided_at": row.decided_at,
    }


def timeline(events: Sequence[ApprovalEvent]) -> list[dict[str, Any]]:
    """What happened to an approval, oldest first."""
    return [
        {"at": each.created_at, "from": each.before or None, "to": each.after, "by": each.actor_label,
         "comment": each.comment}
        for each in events
    ]  # fmt: skip


def entry(row: LedgerEntry) -> dict[str, Any]:
    """A ledger entry as the API gives it; drift is actual minus estimated bytes."""
    return {
        "id": str(row.id),
        "state": row.state,
        "datasource_id": str(row.datasource_id),
        "actor_id": str(row.actor_id) if row.actor_id else None,
        "artifact": row.artifact_ref or None,
        "query_hash": row.query_hash,
        "estimate_id": str(row.estimate_id),
        "approval_id": str(row.approval_id) if row.approval_id else None,
        "estimated_bytes": row.estimate.bytes,
        "estimated_cost_usd": float(row.estimate.usd),
        "actual_bytes": row.actual_bytes,
        "drift_bytes": None if row.actual_bytes is None else row.actual_bytes - row.estimate.bytes,
        "usd": float(row.usd),
        "cache_hit": row.cache_hit,
        "duration_ms": row.duration_ms,
        "created_at": row.created_at,
    }


def summary(found: Summary) -> dict[str, Any]:
    """The hour, the totals and the buckets of a period."""
    return {
        "hour": {
            "bytes_used": found.hour.bytes_used,
            "bytes_remaining": found.hour.bytes_remaining,
            "budget": found.hour.budget,
        },
        "totals": {
            "executions": found.executions,
            "estimated_bytes": found.estimated,
            "bytes": found.bytes,
            "usd": float(found.usd),
            "drift": found.drift,
            "lost": found.lost,
        },
        "by": found.by,
        "buckets": [
            {
                "at": each.at,
                "executions": each.executions,
                "estimated_bytes": each.estimated,
                "bytes": each.bytes,
                "usd": float(each.usd),
            }
            for each in found.buckets
        ],
    }


def share(found: Share) -> dict[str, Any]:
    """What one person, datasource, artifact or statement took."""
    return {"key": found.key, "executions": found.executions, "bytes": found.bytes, "usd": float(found.usd)}


def decision(line: DecisionLine) -> dict[str, Any]:
    """One decision of the gate."""
    return {
        "id": str(line.id),
        "at": line.at,
        "actor": line.who,
        "decision": line.decision,
        "outcome": line.result,
        "purpose": line.purpose,
        "rules": line.rules,
        "reasons": line.reasons,
        "estimated_bytes": line.bytes,
        "datasource_id": line.datasource_id or None,
        "query_hash": line.query_hash,
        "approval_id": line.approval_id or None,
        "estimate_id": line.estimate_id or None,
        "request_id": line.request_id,
    }


def policy(row: PolicySettings) -> dict[str, Any]:
    """All settings in base units, and each with its title, range and the value as people write it."""
    values = settings.values_of(row)
    described = []
    for name, value in values.items():
        known = BY_NAME.get(name)
        numeric = known is not None and not isinstance(value, list | bool)
        described.append(
            {
                "name": name,
                "title": known.title if known else name.replace("_", " ").capitalize(),
                "unit": known.unit if known else "",
                "range": known.range if known else "",
                "shown": in_units(known, getattr(row, name)) if known and numeric else value,
            }
        )
    return {"version": row.version, "settings": values, "fields": described}


def version(row: PolicyVersion) -> dict[str, Any]:
    """One version of the settings: who changed what."""
    return {
        "version": row.version,
        "at": row.created_at,
        "by": row.actor_label,
        "changes": row.changes,
        "restored_from": row.restored_from,
        "settings": row.values,
    }
