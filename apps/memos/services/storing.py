"""Storing a memo: its row, the attempts behind its text, and the artifact version, all or nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from apps.artifacts.contracts import Edge, Node, StoredVersion
from apps.artifacts.enums import ArtifactKind, NodeKind
from apps.artifacts.services import versions
from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.dashboards.engine import lineage
from apps.datasources.contracts import ConfirmedTable
from apps.datasources.selectors import registry
from apps.memos.contracts import PacketMade, StoredMemo, Written
from apps.memos.engine import plan, slots, writer
from apps.memos.models import Memo, MemoAttempt


def store(
    actor: Actor,
    datasource_id: UUID,
    made: PacketMade,
    text: Written,
    *,
    tables: Sequence[ConfirmedTable],
    run_id: UUID | None,
) -> StoredMemo:
    """Create or update the week's memo; an equal packet and text add no version."""
    with trail.unit_of_work():
        memo = _row(datasource_id, made, text)
        version = versions.store(
            ArtifactKind.MEMO,
            f"{datasource_id}:{memo.last_day.isoformat()}:{memo.tz}",
            title=memo.title,
            content=_content(made, text),
            lineage=_lineage(memo, made.packet, tables, registry.get_datasource_for(actor, datasource_id).name),
            actor=actor,
            datasource_id=datasource_id,
            provenance={
                "query_hashes": made.query_hashes,
                "estimated_bytes": made.estimated_bytes,
                "simulated": made.simulated,
                "model": writer.NAME,
            },
            run_id=run_id,
        )
        memo.artifact_id, memo.version, memo.run_id = version.artifact_id, version.number, run_id
        memo.save()
        if version.is_new:
            _keep_attempts(memo, version, text)
        _record(actor, memo, version)
    return StoredMemo(
        memo_id=memo.id,
        version=version.number,
        is_new_version=version.is_new,
        packet_sha256=made.sha256,
        status=text.status,
    )


def _row(datasource_id: UUID, made: PacketMade, text: Written) -> Memo:
    window = made.packet["window"]["current"]
    last = date.fromisoformat(window["to"])
    known = Memo.objects.select_for_update().filter(datasource_id=datasource_id, last_day=last, tz=window["tz"]).first()
    memo = known or Memo(datasource_id=datasource_id, last_day=last, tz=window["tz"])
    memo.first_day = date.fromisoformat(window["from"])
    memo.title = f"Week of {memo.first_day.day} {memo.first_day:%B %Y}"
    memo.headline = slots.render(text.document.headline[0], made.packet)
    memo.significance = writer.loudest(made.packet)
    memo.packet_sha256 = made.sha256
    memo.validation_status = text.status
    memo.warnings = text.warnings
    memo.generated_at = clock.now()
    return memo


def _content(made: PacketMade, text: Written) -> dict[str, Any]:
    return {
        "packet": made.packet,
        "packet_sha256": made.sha256,
        "document": text.document.model_dump(mode="json"),
        "writer": {"name": writer.NAME, "version": writer.VERSION},
        "validation": {"status": str(text.status), "warnings": text.warnings},
    }


def _lineage(memo: Memo, packet: dict[str, Any], tables: Sequence[ConfirmedTable], source_name: str) -> list[Edge]:
    target = Node(NodeKind.MEMO, str(memo.id), memo.title)
    origin = Node(NodeKind.DATASOURCE, str(memo.datasource_id), source_name)
    found: list[Edge] = []
    for kpi in plan.kpis(tables):
        ref = plan.total_ref(kpi)
        asked = Node(NodeKind.QUERY, packet["queries"][ref]["query_hash"], kpi.measure.label)
        used = [kpi.table.time_column, *lineage.measure_columns(kpi.measure, kpi.table)]
        columns = list(dict.fromkeys(name for name in used if name))
        found += lineage.table_edges(origin, kpi.table, columns, asked)
        found.append(Edge(asked, target))
    return found


def _keep_attempts(memo: Memo, version: StoredVersion, text: Written) -> None:
    MemoAttempt.objects.bulk_create(
        MemoAttempt(
            memo=memo,
            version=version.number,
            number=attempt.number,
            writer=attempt.writer,
            document=attempt.document,
            findings=attempt.findings,
            accepted=attempt.accepted,
        )
        for attempt in text.attempts
    )


def _record(actor: Actor, memo: Memo, version: StoredVersion) -> None:
    trail.record(
        actor,
        "memo.generated",
        object_type="memo",
        object_id=memo.id,
        summary={
            "week_to": memo.last_day.isoformat(),
            "version": version.number,
            "packet_sha256": memo.packet_sha256,
            "validation_status": str(memo.validation_status),
        },
        sha256=version.sha256,
    )
