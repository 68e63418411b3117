"""The fields of a recommendation as they are stored, edited and confirmed: one typed class for one JSON column."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from apps.datasources.contracts import BorrowedTime, ForeignKey, TableRole


class KeyFields(BaseModel):
    """A foreign key, see `contracts.ForeignKey`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    column: str
    ref_table_id: UUID
    ref_dataset: str
    ref_table: str
    ref_column: str
    confidence: float
    overlap: float | None = None

    def as_contract(self) -> ForeignKey:
        return ForeignKey(**self.model_dump())


class BorrowedFields(BaseModel):
    """A borrowed time, see `contracts.BorrowedTime`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    column: str
    dataset: str
    table: str
    ref_column: str
    time_column: str
    time_type: str = "TIMESTAMP"
    time_format: str = ""

    def as_contract(self) -> BorrowedTime:
        return BorrowedTime(**self.model_dump())


class SemanticFields(BaseModel):
    """What dashboards, memos and questions use of a table."""

    model_config = ConfigDict(frozen=True)

    role: TableRole
    time_column: str | None = None
    amount_column: str | None = None
    quantity_column: str | None = None
    discount_column: str | None = None
    amount_divisor: int = Field(default=1, ge=1, le=1_000_000_000)
    amount_kind: str = ""
    entity_key: str | None = None
    dimensions: tuple[str, ...] = ()
    borrowed_time: BorrowedFields | None = None
    foreign_keys: tuple[KeyFields, ...] = ()

    def named_columns(self) -> tuple[str, ...]:
        """Every column of the table that these fields name."""
        single = (self.time_column, self.amount_column, self.quantity_column, self.discount_column, self.entity_key)
        return tuple(name for name in (*single, *self.dimensions) if name)


class FieldChanges(BaseModel):
    """What a person changes before confirming; what is left out stays as proposed, null removes."""

    model_config = ConfigDict(extra="forbid")

    role: TableRole | None = None
    time_column: str | None = None
    amount_column: str | None = None
    quantity_column: str | None = None
    discount_column: str | None = None
    amount_divisor: int | None = Field(default=None, ge=1, le=1_000_000_000)
    entity_key: str | None = None
    dimensions: list[str] | None = Field(default=None, max_length=20)

    def applied_to(self, fields: SemanticFields) -> SemanticFields:
        """`fields` with the members that were given."""
        given = self.model_dump(exclude_unset=True)
        for name in ("role", "amount_divisor", "dimensions"):
            if given.get(name, ...) is None:
                del given[name]
        if "amount_column" in given and given["amount_column"] != fields.amount_column:
            given.setdefault("quantity_column", None)
            given.setdefault("discount_column", None)
            given.setdefault("amount_divisor", 1)
            given["amount_kind"] = ""
        if "dimensions" in given:
            given["dimensions"] = tuple(dict.fromkeys(given["dimensions"]))
        return fields.model_copy(update=given)
