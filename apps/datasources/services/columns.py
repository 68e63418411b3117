"""What people say about a column: a description, a semantic type. It outlives every profile."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.datasources.contracts import SemanticType
from apps.datasources.models import CatalogColumn


def edit(actor: Actor, column_id: UUID, changes: Mapping[str, Any]) -> CatalogColumn:
    """Change `description` or `semantic`; a null semantic gives the choice back to the profiler."""
    actor.require(Scope.CATALOG_WRITE)
    with trail.unit_of_work():
        column = (
            CatalogColumn.objects.select_for_update(of=("self",)).select_related("table").filter(id=column_id).first()
        )
        if column is None:
            raise NotFound("There is no such column.")
        if "description" in changes:
            column.description, column.description_edited = changes["description"] or "", True
        if "semantic" in changes:
            chosen = changes["semantic"]
            column.semantic_edited = chosen is not None
            column.semantic = SemanticType(chosen).value if chosen is not None else column.semantic
        column.save(update_fields=["description", "description_edited", "semantic", "semantic_edited", "updated_at"])
        trail.record(
            actor, "catalog.column_edited", object_type="catalog_column", object_id=column.id,
            summary={"table": str(column.table), "column": column.name, "changed": sorted(changes)},
        )  # fmt: skip
    return column
