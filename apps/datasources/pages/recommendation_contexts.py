"""What the pages of decisions show: recommended tables, and columns that may hold personal data."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.datasources.contracts import ROLE_NAMES
from apps.datasources.engine.profiling.families import base_type
from apps.datasources.engine.recommend.semantic_fields import SemanticFields
from apps.datasources.models import CatalogColumn, Datasource, Recommendation
from apps.datasources.selectors import catalog


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """One recommendation of the review page."""

    row: Recommendation
    fields: SemanticFields
    role_name: str
    percent: int
    times: Sequence[str]
    amounts: Sequence[str]
    keys: Sequence[str]
    dimensions: Sequence[tuple[str, bool]]
    amount_note: str
    preselected: bool


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """The recommendations of one datasource."""

    lines: Sequence[AdviceLine]
    reference: Sequence[AdviceLine]
    rejected: Sequence[AdviceLine]
    datasources: Sequence[Datasource]
    datasource: Datasource | None
    pending: int
    confirmed: int
    roles: Sequence[tuple[str, str]]
    can_write: bool


def advice_line(row: Recommendation) -> AdviceLine:
    """A recommendation with the columns each field may be."""
    shown = row.fields
    columns = [column for column in row.table.columns.all() if "." not in column.name]
    splitting = [column for column in columns if _may_split(column) or column.name in shown.dimensions]
    return AdviceLine(
        row=row,
        fields=shown,
        role_name=ROLE_NAMES[shown.role],
        percent=round(100 * row.confidence),
        times=[column.name for column in columns if catalog.can_be_time(column)],
        amounts=[column.name for column in columns if catalog.can_be_amount(column) and column.semantic != "id"],
        keys=[column.name for column in columns if column.semantic == "id" or column.name == shown.entity_key],
        dimensions=[(column.name, column.name in shown.dimensions) for column in splitting],
        amount_note=_amount_note(shown),
        preselected=row.status == "pending" and row.confidence >= 0.5,
    )


def _may_split(column: CatalogColumn) -> bool:
    plain = base_type(column.type) not in {"ARRAY", "STRUCT", "JSON", "BYTES", "GEOGRAPHY"}
    return plain and column.hidden_as is None and column.semantic in {"dimension", "flag"}


def _amount_note(fields: SemanticFields) -> str:
    if fields.amount_column is None:
        return ""
    note = f"× {fields.quantity_column}" if fields.quantity_column else ""
    if fields.discount_column:
        note += f" × (1 − {fields.discount_column})"
    if fields.amount_divisor != 1:
        note += f" ÷ {fields.amount_divisor}"
    return note.strip()
