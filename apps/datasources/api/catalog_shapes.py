"""JSON of the catalog: what goes in, what comes out. Columns of personal data show no stored values."""

from typing import Any, Literal
from uuid import UUID

import pydantic

from apps.core import clock, paging
from apps.datasources.contracts import SemanticType
from apps.datasources.engine.profiling.arrivals import hours_since
from apps.datasources.engine.recommend.semantic_fields import FieldChanges
from apps.datasources.models import CatalogColumn, CatalogTable, Recommendation
from apps.datasources.selectors.personal_data import Filter
from apps.datasources.services.personal_data import Verb

_SHOWN_FACTS = (
    "null_error", "distinct_error", "minimum", "maximum", "bounds", "mean", "deviation", "quantiles", "length",
    "top_values", "histogram", "time_format", "number_format", "true_share",
)  # fmt: skip


class TableQuery(pydantic.BaseModel):
    """Filters and paging of the table list."""

    datasource_id: UUID | None = None
    q: str = pydantic.Field("", max_length=120)
    cursor: str | None = None
    limit: int = pydantic.Field(50, ge=1, le=paging.MAX_LIMIT)


class ColumnPatch(pydantic.BaseModel):
    """What people may say about a column."""

    model_config = pydantic.ConfigDict(extra="forbid")

    description: str | None = pydantic.Field(None, max_length=2000)
    semantic: SemanticType | None = None


class RecommendationQuery(pydantic.BaseModel):
    """Filters of the recommendations."""

    datasource_id: UUID | None = None
    status: Literal["", "pending", "confirmed", "rejected"] = ""
    cursor: str | None = None
    limit: int = pydantic.Field(100, ge=1, le=paging.MAX_LIMIT)


class DecisionBody(pydantic.BaseModel):
    """A decision about one recommendation."""

    model_config = pydantic.ConfigDict(extra="forbid")

    id: UUID
    decision: Literal["confirm", "reject"]
    fields: FieldChanges | None = None


class DecisionsBody(pydantic.BaseModel):
    """Decisions that are applied together or not at all."""

    model_config = pydantic.ConfigDict(extra="forbid")

    items: list[DecisionBody] = pydantic.Field(min_length=1, max_length=500)


class ReviewQuery(pydantic.BaseModel):
    """Filters of the review queue: `q` searches names; `basis` is `evidence` (values hint at it) or `name` alone."""

    datasource_id: UUID | None = None
    q: str = pydantic.Field("", max_length=120)
    type: str = pydantic.Field("", max_length=32)
    basis: Literal["", "evidence", "name"] = ""
    table: str = pydantic.Field("", max_length=520)
    cursor: str | None = None
    limit: int = pydantic.Field(100, ge=1, le=paging.MAX_LIMIT)

    def chosen(self) -> Filter:
        """As the selector takes it."""
        return Filter(self.q.strip(), self.type, self.basis, self.table, self.datasource_id)


class ReviewItem(pydantic.BaseModel):
    """A decision about one column."""

    model_config = pydantic.ConfigDict(extra="forbid")

    id: UUID
    decision: Verb


class ReviewBody(pydantic.BaseModel):
    """Decisions about columns, one or many."""

    model_config = pydantic.ConfigDict(extra="forbid")

    items: list[ReviewItem] = pydantic.Field(min_length=1, max_length=1000)


def table_json(table: CatalogTable) -> dict[str, Any]:
    """A table in a list."""
    advice = getattr(table, "recommendation", None)
    return {
        "id": str(table.id),
        "datasource_id": str(table.datasource_id),
        "dataset": table.dataset,
        "name": table.name,
        "kind": table.kind,
        "description": table.description,
        "row_count": table.row_count,
        "bytes": table.bytes,
        "partition_column": table.partition_column or None,
        "clustering": table.clustering,
        "state": table.state,
        "error": {"code": table.error_code, "detail": table.error_message} if table.error_code else None,
        "profiled_at": table.profiled_at,
        "latest_at": table.latest_at,
        "hours_since_last_arrival": hours_since(table.latest_at, clock.now()),
        "role": advice.role if advice else None,
        "recommendation": advice.status if advice else None,
    }


def table_detail(table: CatalogTable, drift: list[dict[str, Any]]) -> dict[str, Any]:
    """A table with its columns and what changed since the profile before."""
    facts = table.profile
    return {
        **table_json(table),
        "sampled_percent": facts.get("percent"),
        "rows_read": facts.get("rows_read"),
        "time_column": facts.get("time_column"),
        "missing_days": facts.get("missing_days", []),
        "arrivals": facts.get("arrivals", []),
        "drift": drift,
        "columns": [column_json(column) for column in table.columns.all()],
    }


def column_json(column: CatalogColumn) -> dict[str, Any]:
    """A column with its figures."""
    hidden = column.hidden_as
    facts = {name: column.facts.get(name) for name in _SHOWN_FACTS if name in column.facts}
    if hidden:
        facts |= {"minimum": f"[REDACTED:{hidden}]", "maximum": f"[REDACTED:{hidden}]"}
    return {
        "id": str(column.id),
        "name": column.name,
        "position": column.position,
        "type": column.type,
        "nullable": column.nullable,
        "description": column.description,
        "semantic": column.semantic or None,
        "semantic_edited": column.semantic_edited,
        "null_share": column.null_share,
        "distinct": column.distinct,
        "pii": pii_json(column),
        "facts": facts,
    }


def pii_json(column: CatalogColumn) -> dict[str, Any] | None:
    """What is known about personal data in a column; shapes and counts only."""
    if not column.pii_kind:
        return None
    return {
        "class": column.pii_kind,
        "tier": column.pii_tier,
        "protected": column.protected_as is not None,
        "decision": column.pii_decision or None,
        "conflict": column.pii_conflict,
        "evidence": column.pii_evidence,
    }


def review_json(column: CatalogColumn) -> dict[str, Any]:
    """A column in the review queue."""
    return {
        "id": str(column.id),
        "datasource_id": str(column.table.datasource_id),
        "table_id": str(column.table_id),
        "table": str(column.table),
        "column": column.name,
        "type": column.type,
        **(pii_json(column) or {}),
    }


def recommendation_json(row: Recommendation) -> dict[str, Any]:
    """A recommendation with its reasons and fields."""
    return {
        "id": str(row.id),
        "datasource_id": str(row.datasource_id),
        "table_id": str(row.table_id),
        "table": str(row.table),
        "row_count": row.table.row_count,
        "status": row.status,
        "role": row.role,
        "confidence": row.confidence,
        "reasons": row.reasons,
        "notes": row.notes,
        "fields": row.fields.model_dump(mode="json"),
        "proposed": row.proposed,
        "decided_at": row.decided_at,
    }
