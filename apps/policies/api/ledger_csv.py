"""The ledger as CSV: fields that a spreadsheet would run as a formula are quoted as text."""

import csv
import io
from collections.abc import Iterable

from apps.policies.models import LedgerEntry

_COLUMNS = (
    *("created_at", "state", "datasource_id", "actor_id", "artifact", "query_hash", "estimated_bytes", "actual_bytes"),
    *("usd", "cache_hit", "duration_ms", "approval_id"),
)


def text_of(entries: Iterable[LedgerEntry]) -> str:
    """The whole file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    for row in entries:
        writer.writerow(
            [
                row.created_at.isoformat(), row.state, row.datasource_id, row.actor_id, _plain(row.artifact_ref),
                row.query_hash, row.estimate.bytes, row.actual_bytes, row.usd, row.cache_hit, row.duration_ms,
                row.approval_id,
            ]
        )  # fmt: skip
    return buffer.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
