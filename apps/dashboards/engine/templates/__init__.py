"""The dashboard templates: what ATOM can lay out by itself. A new one is a module here and a line below."""

from collections.abc import Sequence
from typing import Final

from apps.dashboards.engine.templates import data_health, exec_overview, revenue_volume
from apps.dashboards.engine.templates.base import Template
from apps.datasources.contracts import ConfirmedTable

TEMPLATES: Final[tuple[Template, ...]] = (exec_overview.TEMPLATE, revenue_volume.TEMPLATE, data_health.TEMPLATE)


def template(key: str) -> Template | None:
    """The template called `key`."""
    return next((known for known in TEMPLATES if known.key == key), None)


def fitting(tables: Sequence[ConfirmedTable]) -> list[Template]:
    """The templates the confirmed tables give cards for, in their order of importance."""
    return [known for known in TEMPLATES if known.build(tables)]
