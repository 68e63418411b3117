"""Profiles tables through the policy gate and keeps what was found; of personal data only that it is there.

Starting joins a run under way for the same datasource. A table already profiled by a run is not done again by it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import BaseModel, Field
from sqlglot import exp

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import AtomError, InvalidInput, LimitReached, QueryTimeout
from apps.core.permissions import Scope
from apps.datasources.engine.profiling import reading, sampling, statements
from apps.datasources.engine.profiling.facts import ColumnProfile, TableProfile, to_json
from apps.datasources.engine.profiling.families import Field as TableField
from apps.datasources.engine.profiling.families import base_type, fields_of
from apps.datasources.engine.profiling.measuring import Measured, measure
from apps.datasources.engine.profiling.statements import Target
from apps.datasources.engine.semantics.columns import mean
from apps.datasources.models import CatalogColumn, CatalogTable, ProfileSnapshot, ProfileState
from apps.datasources.selectors import registry
from apps.datasources.services import execution, personal_data
from apps.policies.engine.pii.verdict import PiiVerdict
from apps.policies.enums import Dialect
from apps.workflows.contracts import Run
from apps.workflows.models import WorkflowRun
from apps.workflows.services import runs

FLOW = "ProfileWarehouse"
BATCH = 50
AT_ONCE = 2


class ProfileInput(BaseModel):
    """What to profile: all tables of a datasource, or those named `dataset.table`; `full` reads every row."""

    datasource_id: UUID
    tables: list[str] = Field(default_factory=list, max_length=1000)
    full: bool = False
    approval_id: UUID | None = None


def start(actor: Actor, wish: ProfileInput) -> Run:
    """Start profiling, or join the run under way for this datasource."""
    actor.require(Scope.CATALOG_PROFILE)
    datasource = registry.get_datasource_for(actor, wish.datasource_id)
    opened = registry.open_for(actor, wish.datasource_id)
    if opened.connector.dialect is not Dialect.BIGQUERY:
        raise InvalidInput(f"“{datasource.name}” is no warehouse: only BigQuery and the sandbox can be profiled.")
    _refuse_crowd(wish.datasource_id)
    run = runs.start(
        FLOW, wish, actor=actor, run_key=f"profile:{wish.datasource_id}", title=f"Profile of {datasource.name}"
    )
    trail.record(
        actor,
        "catalog.profile_requested",
        object_type="datasource",
        object_id=wish.datasource_id,
        summary={"workflow_id": str(run.id), "joined": run.joined, "tables": len(wish.tables), "full": wish.full},
    )
    return run


def _refuse_crowd(datasource_id: UUID) -> None:
    """At most two profiles of a tenant at a time; joining one is always possible."""
    under_way = WorkflowRun.objects.unfinished().filter(flow=FLOW).exclude(input__datasource_id=str(datasource_id))
    if under_way.count() >= AT_ONCE:
        raise LimitReached(
            "Two profiles are under way already.", code="PROFILES_UNDER_WAY", retry_after=30,
            next_steps=["Wait until one of them is done, or cancel it."],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profiler:
    """Profiles tables for one run. Sees values in clear to recognise personal data; stores none of them."""

    actor: Actor
    run_id: UUID
    datasource_id: UUID
    full: bool = False
    sampled: bool = False
    approval_id: UUID | None = None

    def is_done(self, table: CatalogTable) -> bool:
        """Whether this run has profiled the table before it was interrupted."""
        return table.profile_run_id == self.run_id and table.state != ProfileState.NONE

    def profile(self, table: CatalogTable) -> TableProfile:
        """Measure a table and store it; a time-out falls back to a smaller sample, down to one percent."""
        percent = sampling.sample_percent(table.row_count, full=self.full and not self.sampled)
        if table.kind != "table":
            percent = 100
        while True:
            try:
                return self._profile(table, percent)
            except QueryTimeout:
                smaller = sampling.narrower(percent) if table.kind == "table" else None
                if smaller is None:
                    raise
                percent = smaller

    def _profile(self, table: CatalogTable, percent: int) -> TableProfile:
        columns = {column.name: column for column in table.columns.all()}
        verdicts: dict[str, PiiVerdict] = {}

        def judge(fields: Sequence[TableField], sampled: Sequence[Counter[str]]) -> Mapping[str, str]:
            verdicts.update(personal_data.verdicts(table, columns, fields, sampled))
            return personal_data.hidden_after(columns, verdicts)

        measured = measure(target_of(table, percent, columns), fields_of_table(columns), self._rows, judge)
        with transaction.atomic():
            self._store(table, columns, measured, verdicts)
        return measured.profile

    def _rows(self, statement: exp.Expr) -> list[dict[str, object]]:
        ref = f"profile:{self.run_id}"
        return rows(self.actor, self.datasource_id, statement, artifact_ref=ref, approval_id=self.approval_id)

    def overlap(self, child: CatalogTable, column: str, parent: CatalogTable, ref_column: str) -> float | None:
        """Share of the distinct values of `column` that exist in `ref_column`; None when there are none."""
        child_target = target_of(
            child, sampling.sample_percent(child.row_count), {c.name: c for c in child.columns.all()}
        )
        parent_target = target_of(parent, 100, {c.name: c for c in parent.columns.all()})
        [row] = self._rows(statements.overlap(child_target, column, parent_target, ref_column))
        checked, found = (int(str(row[name])) for name in ("checked", "found"))
        return found / checked if checked else None

    def fail(self, table: CatalogTable, error: AtomError) -> None:
        """Keep why a table could not be profiled; its earlier profile stays."""
        CatalogTable.objects.filter(id=table.id).update(
            state=ProfileState.FAILED, error_code=error.code, error_message=error.message[:500],
            profile_run_id=self.run_id, updated_at=clock.now(),
        )  # fmt: skip

    def _store(
        self,
        table: CatalogTable,
        columns: Mapping[str, CatalogColumn],
        measured: Measured,
        verdicts: Mapping[str, PiiVerdict],
    ) -> None:
        now, profile = clock.now(), measured.profile
        facts = to_json(replace(profile, columns=()))
        CatalogTable.objects.filter(id=table.id).update(
            state=ProfileState.DONE, error_code="", error_message="", profile=facts, profiled_at=now,
            profile_run_id=self.run_id, row_count=profile.rows, latest_at=reading.moment(profile.latest),
            updated_at=now,
        )  # fmt: skip
        for found in profile.columns:
            _write_column(columns[found.name], found, profile, measured.protected.get(found.name))
        personal_data.write(columns, verdicts)
        CatalogColumn.objects.bulk_update(
            columns.values(),
            ["semantic", "null_share", "distinct", "facts", "pii_kind", "pii_tier", "pii_evidence", "pii_conflict"],
            batch_size=200,
        )
        ProfileSnapshot.objects.update_or_create(
            table=table, run_id=self.run_id,
            defaults={"taken_at": now, "row_count": profile.rows, "columns": _summary(profile)},
        )  # fmt: skip


def rows(actor: Actor, datasource_id: UUID, statement: exp.Expr, **options: Any) -> list[dict[str, object]]:
    """What a statement of a profile gives, in clear, by name of the output; `options` are those of `execution.run`."""
    result = execution.run(actor, datasource_id, statements.bigquery(statement), recognition=True, **options)
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows]


def target_of(table: CatalogTable, percent: int, columns: Mapping[str, CatalogColumn]) -> Target:
    """The table as the statements of a profile name it, with the share of it to read."""
    partition = columns.get(table.partition_column)
    return Target(
        table.dataset,
        table.name,
        table.row_count,
        percent,
        table.partition_column or None,
        base_type(partition.type) if partition else "DATE",
    )


def fields_of_table(columns: Mapping[str, CatalogColumn]) -> list[TableField]:
    """What a profile measures of a table: its columns, and the fields inside structs."""
    ordered = sorted(columns.values(), key=lambda column: column.position)
    top = [column for column in ordered if "." not in column.name or column.name.split(".")[0] not in columns]
    return [field for column in top for field in fields_of(column.name, column.type) if field.name in columns]


def _write_column(row: CatalogColumn, found: ColumnProfile, profile: TableProfile, pii: str | None) -> None:
    row.null_share, row.distinct = found.null_share, found.distinct
    row.facts = to_json(replace(profile, columns=(found,)))["columns"][0]
    if not row.semantic_edited:
        row.semantic = mean(found, profile.rows, pii=pii).semantic.value


def _summary(profile: TableProfile) -> dict[str, dict[str, object]]:
    """What drift is measured on: no values, only shares and counts."""
    return {
        column.name: {"type": column.type, "null_share": column.null_share, "distinct": column.distinct}
        for column in profile.columns
    }
