"""Settings › Usage: the plan, what is used of it, and how that went over days and months."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.tenancy.selectors import usage
from apps.tenancy.selectors.usage import Usage

_KINDS: tuple[tuple[str, str | Promise, bool], ...] = (
    ("queries", _("Queries this month"), False),
    ("bytes", _("Data read this month"), True),
    ("storage", _("Storage now"), True),
    ("seats", _("People"), False),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One kind of use against its limit; `share` is in percent, at most 100."""

    title: str | Promise
    used: int
    limit: int | None
    is_bytes: bool

    @property
    def share(self) -> int:
        """How much of the limit is used."""
        return min(100, round(100 * self.used / self.limit)) if self.limit else 0

    @property
    def is_tight(self) -> bool:
        """Whether somebody should act soon."""
        return self.limit is not None and self.share >= 80


@dataclass(frozen=True, slots=True)
class UsageContext:
    """What the page shows; the charts are specs of `charts/figure`."""

    usage: Usage
    figures: list[Figure]
    queries_chart: dict[str, Any]
    bytes_chart: dict[str, Any]
    storage_chart: dict[str, Any]


@require_safe
@page(scope=Scope.SETTINGS_MANAGE)
def show(request: HttpRequest) -> HttpResponse:
    """`settings/usage/`."""
    found = usage.usage_for(request.actor)  # type: ignore[attr-defined]
    state = found.state
    figures = [
        Figure(title, getattr(state.used, kind) or 0, getattr(state.limits, kind), is_bytes)
        for kind, title, is_bytes in _KINDS
    ]
    context = UsageContext(
        found, figures, _chart(found, "queries", _("Queries per day"), "number"),
        _chart(found, "bytes", _("Data read per day"), "bytes"), _chart(found, "storage", _("Storage"), "bytes"),
    )  # fmt: skip
    return render_page(request, "tenancy/usage.html", context)


def _chart(found: Usage, kind: str, title: str | Promise, unit: str) -> dict[str, Any]:
    rows = [{"day": each.at.isoformat(), kind: getattr(each, kind)} for each in found.days]
    if kind == "storage":  # measured on the day itself; days before the first measurement know nothing of it
        rows = [row for row in rows if row[kind]]
    return {
        "type": "area" if kind == "storage" else "bar",
        "title": str(title),
        "x": {"field": "day", "type": "time", "name": str(_("Day"))},
        "series": [{"field": kind, "name": str(title)}],
        "rows": rows,
        "unit": {"kind": unit},
        "empty": str(_("Nothing is counted yet; the first count comes within the hour.")),
    }
