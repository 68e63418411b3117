"""What the registry shows on the home page and in the palette: the first two steps, and hits by name."""

from collections.abc import Sequence

from django.urls import reverse

from apps.core.actor import Actor
from apps.core.home import ChecklistStep, Found
from apps.core.permissions import Scope
from apps.datasources.selectors import catalog, registry, warehouse


def connect_step(actor: Actor) -> ChecklistStep | None:
    """Connect a warehouse; the studio database that every tenant has does not count."""
    if not actor.has(Scope.DATASOURCE_VIEWER):
        return None
    active = catalog.list_warehouses(actor)
    can_connect = actor.has(Scope.DATASOURCE_ADMIN)
    return ChecklistStep(
        title="Connect a warehouse",
        note=", ".join(source.name for source in active[:3]) or "The sandbox warehouse: demo data or your own files.",
        done=bool(active),
        href=reverse("datasources:list" if active or not can_connect else "datasources:connect"),
        action="See datasources" if active or not can_connect else "Connect",
    )


def load_step(actor: Actor) -> ChecklistStep | None:
    """Have tables in the warehouse."""
    if not actor.has(Scope.DATASOURCE_VIEWER):
        return None
    tables = warehouse.list_tables(actor)
    rows = sum(table.rows for table in tables)
    return ChecklistStep(
        title="Load your tables",
        note=f"{len(tables)} tables, {rows:,} rows."
        if tables
        else "CSV, JSON lines or Parquet files, or the demo company.",
        done=bool(tables),
        href=reverse("datasources:warehouse"),
        action="See the tables" if tables else "Load",
    )


def search(actor: Actor, text: str, limit: int) -> Sequence[Found]:
    """Datasources by name or tag."""
    if not actor.has(Scope.DATASOURCE_VIEWER):
        return ()
    rows = registry.list_datasources(actor, registry.Filter(text=text))[:limit]
    return [Found(row.name, "Datasource", reverse("datasources:detail", args=[row.id]), "database") for row in rows]
