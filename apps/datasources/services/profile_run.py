"""The steps of ProfileWarehouse. Each can be run again: what a run has done for a table is not done twice."""

import time
from uuid import UUID

from django.utils.translation import ngettext
from pydantic import BaseModel, Field

from apps.audit.services import trail
from apps.core.errors import AtomError, Conflict, LimitReached, Upstream
from apps.datasources.models import CatalogTable, ProfileState
from apps.datasources.selectors import catalog
from apps.datasources.services import introspection, recommendations
from apps.datasources.services.profiling import BATCH, ProfileInput, Profiler
from apps.realtime.services.publisher import publish
from apps.workflows.contracts import StepContext


class Introspected(BaseModel):
    """Tables to profile, in order."""

    tables: list[UUID] = Field(default_factory=list)


class Profiled(BaseModel):
    """How many tables were measured, and which were not, with the reason."""

    profiled: int
    rows: int
    failed: dict[str, str] = Field(default_factory=dict)


class PersonalData(BaseModel):
    """Columns protected, and columns a person should look at."""

    protected: int
    to_review: int


class Recommended(BaseModel):
    """Recommendations by status."""

    pending: int
    confirmed: int
    rejected: int


def introspect(ctx: StepContext, wish: ProfileInput) -> Introspected:
    """Read the structure from metadata alone."""
    ctx.progress(0.1, "Reading the structure")
    tables = introspection.refresh(ctx.actor, wish.datasource_id, only=wish.tables)
    if not tables:
        raise Conflict(
            "This datasource has no tables yet.", code="NO_TABLES", next_steps=["Load a file, or the demo company."]
        )
    ctx.progress(1.0, f"{len(tables)} tables found", total=len(tables))
    return Introspected(tables=[table.id for table in tables])


def profile(ctx: StepContext, wish: ProfileInput) -> Profiled:
    """Measure the tables one after the other; one that fails is noted and does not stop the others.

    An upstream that is out, or a limit, stops the step: it is tried again later and goes on with what is missing.
    """
    profiler = Profiler(ctx.actor, ctx.run_id, wish.datasource_id, wish.full, ctx.sampling, wish.approval_id)
    ids = ctx.output_of("introspect", Introspected).tables
    found = {table.id: table for table in CatalogTable.objects.filter(id__in=ids).prefetch_related("columns")}
    pace = _Pace(ctx, len(ids))
    for table_id in ids:
        table = found.get(table_id)
        if table is None or profiler.is_done(table):
            pace.skip()
            continue
        pace.begin(str(table))
        _profile_one(ctx, profiler, table)
        pace.end()
    return _outcome(ids)


def _profile_one(ctx: StepContext, profiler: Profiler, table: CatalogTable) -> None:
    try:
        profiler.profile(table)
    except (LimitReached, Upstream) as error:
        if error.code != "TIMEOUT":
            raise
        profiler.fail(table, error)
    except AtomError as error:
        profiler.fail(table, error)
        ctx.warn(f"{table} could not be profiled: {error.message}")


def _outcome(ids: list[UUID]) -> Profiled:
    tables = list(CatalogTable.objects.filter(id__in=ids))
    failed = {str(table): table.error_message for table in tables if table.state == ProfileState.FAILED}
    done = [table for table in tables if table.state == ProfileState.DONE]
    if failed and not done:
        raise Conflict(
            "No table could be profiled: " + next(iter(failed.values())), code="NOTHING_PROFILED",
            extra={"failed": failed},
        )  # fmt: skip
    return Profiled(profiled=len(done), rows=sum(table.row_count or 0 for table in done), failed=failed)


class _Pace:
    """Tells how far the step is: tables done of n, the current one, the batch, and about how long it will take."""

    def __init__(self, ctx: StepContext, total: int) -> None:
        self.ctx, self.total, self.done, self.measured = ctx, total, 0, 0
        self.started = time.monotonic()

    def begin(self, name: str) -> None:
        self._tell(f"Measuring {name}", name)

    def skip(self) -> None:
        self.done += 1

    def end(self) -> None:
        self.done += 1
        self.measured += 1
        self._tell(f"{self.done} of {self.total} tables measured", "")

    def _tell(self, message: str, name: str) -> None:
        self.ctx.progress(
            self.done / self.total if self.total else 1.0,
            message,
            table=name,
            tables_done=self.done,
            tables_total=self.total,
            batch=self.done // BATCH + 1,
            eta_s=self._eta(),
        )

    def _eta(self) -> int | None:
        if not self.measured:
            return None
        return round((time.monotonic() - self.started) / self.measured * (self.total - self.done))


def find_personal_data(ctx: StepContext, wish: ProfileInput) -> PersonalData:
    """Sum up what recognition found while measuring, and leave an audit record of it."""
    protected, to_review = catalog.count_personal_data(wish.datasource_id)
    ctx.progress(1.0, f"{protected} columns protected, {to_review} to review")
    trail.record(
        ctx.actor, "pii.recognised", object_type="datasource", object_id=wish.datasource_id,
        summary={"protected": protected, "to_review": to_review, "workflow_id": str(ctx.run_id)},
    )  # fmt: skip
    if protected or to_review:
        _notify(ctx, protected, to_review)
    return PersonalData(protected=protected, to_review=to_review)


def _notify(ctx: StepContext, protected: int, to_review: int) -> None:
    text = ngettext("%d column protected as personal data", "%d columns protected as personal data", protected)
    message = {
        "title": text % protected, "message": f"{to_review} to review", "level": "info",
        "url": f"/t/{ctx.tenant.slug}/data/pii/",
    }  # fmt: skip
    publish(ctx.tenant.id, "notifications", message)


def recommend(ctx: StepContext, wish: ProfileInput) -> Recommended:
    """Classify all profiled tables of the datasource together, check keys between them, store recommendations."""
    profiler = Profiler(ctx.actor, ctx.run_id, wish.datasource_id)
    counts = recommendations.refresh(profiler, on_progress=ctx.progress)
    ctx.link("Review recommendations", f"data/recommendations/?datasource={wish.datasource_id}")
    return Recommended(**counts)
