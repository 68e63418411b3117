"""The trail as a file: CSV or JSON lines, streamed in blocks, and itself on record."""

import csv
import io
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

import orjson

from apps.audit.selectors import entries
from apps.audit.selectors.entries import EntryFilter
from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor

COLUMNS: Final = (
    "seq", "at", "actor", "actor_ref", "actor_kind", "address", "action", "object_type", "object_id", "decision",
    "outcome", "request_id", "sha256", "summary", "id", "hash",
)  # fmt: skip
# What a spreadsheet would run (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class ExportFormat(StrEnum):
    """How the file is written."""

    CSV = "csv"
    JSONL = "jsonl"

    @property
    def media_type(self) -> str:
        """For Content-Type."""
        return "text/csv; charset=utf-8" if self is ExportFormat.CSV else "application/x-ndjson"


def export(actor: Actor, search: EntryFilter, kind: ExportFormat) -> Iterator[bytes]:
    """Record the export, then blocks of the file; raises Forbidden before the first. Flat memory at any length.

    The blocks enter the tenant themselves: they are made after the request has left it.
    """
    filters = [name for name in EntryFilter.__dataclass_fields__ if getattr(search, name)]
    batches = entries.stream_entries_for(actor, search)
    first = next(batches, [])
    trail.record(actor, "audit.exported", object_type="audit", summary={"format": kind, "filters": filters})
    return _blocks(actor, first, batches, kind)


def _blocks(actor: Actor, first: list[Any], batches: Iterator[list[Any]], kind: ExportFormat) -> Iterator[bytes]:
    if kind is ExportFormat.CSV:
        yield _csv([COLUMNS])
    batch: list[Any] | None = first
    while batch:
        with tenant_context.entered(actor.tenant):
            labels = entries.labels_of(batch)
            rows = [entries.as_json(entry, labels) for entry in batch]
            batch = next(batches, None)
        yield _written(rows, kind)


def _written(rows: list[dict[str, Any]], kind: ExportFormat) -> bytes:
    if kind is ExportFormat.JSONL:
        return b"".join(orjson.dumps(row) + b"\n" for row in rows)
    return _csv([_cell(row[name]) for name in COLUMNS] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _csv(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
