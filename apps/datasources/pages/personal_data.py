"""The page of the review of personal data: search, decide by keyboard or in bulk, take a decision back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.core import paging
from apps.core.errors import InvalidInput
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.datasources.models import CatalogColumn
from apps.datasources.pages.catalog_contexts import parse_id
from apps.datasources.selectors import personal_data as reads
from apps.datasources.services import personal_data
from apps.datasources.services.personal_data import Verb

AT_MOST = 300
PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """The queue under its filter, what is protected, what was decided last."""

    columns: Sequence[CatalogColumn]
    next_cursor: str | None
    waiting: int
    protected: Sequence[CatalogColumn]
    decided: Sequence[CatalogColumn]
    chosen: reads.Filter
    kinds: Sequence[str]
    tables: Sequence[str]
    can_review: bool
    is_narrowed: bool


@require_safe
@page(scope=Scope.CATALOG_READ)
def index(request: HttpRequest) -> HttpResponse:
    """`data/pii/`."""
    actor = request.actor  # type: ignore[attr-defined]
    chosen = _filter(request.GET)
    rows = reads.list_waiting(actor, chosen)
    found = paging.paginate(rows, order=("pii_tier", "-id"), cursor=request.GET.get("cursor") or None, limit=PAGE_SIZE)
    protected = reads.list_protected(actor, chosen).order_by("table__dataset", "table__name", "position")[:AT_MOST]
    context = ReviewContext(
        columns=found.items,
        next_cursor=found.next_cursor,
        waiting=rows.count(),
        protected=list(protected),
        decided=reads.list_decided(actor),
        chosen=chosen,
        kinds=reads.kinds_waiting(actor),
        tables=reads.tables_waiting(actor),
        can_review=actor.has(Scope.PII_REVIEW),
        is_narrowed=chosen != reads.Filter(),
    )
    return render_page(request, "datasources/catalog/pii.html", context)


@require_POST
@page(scope=Scope.PII_REVIEW)
def decide(request: HttpRequest) -> HttpResponseBase:
    """`data/pii/decide`: confirm, reject or take back, one or many."""
    actor = request.actor  # type: ignore[attr-defined]
    verb, ids = _wanted(request.POST)
    rows = personal_data.decide(actor, dict.fromkeys(ids, verb))
    messages.success(request, _sentence(verb, len(rows)))
    query = request.POST.get("query", "")
    back = reverse("datasources:pii") + (f"?{query}" if query else "")
    return HttpResponseRedirect(back, status=303)


def _filter(values: QueryDict) -> reads.Filter:
    return reads.Filter(
        text=values.get("q", "").strip()[:120],
        kind=values.get("kind", "")[:32],
        basis=values.get("basis", ""),
        table=values.get("table", "")[:520],
        datasource_id=parse_id(values.get("datasource", "")),
    )


def _wanted(form: QueryDict) -> tuple[Verb, list[UUID]]:
    one = form.get("one", "")
    verb, _, row = one.partition(":") if one else (form.get("bulk", ""), "", "")
    ids = [parse_id(text) for text in ([row] if one else form.getlist("ids"))]
    found = [row_id for row_id in ids if row_id is not None]
    if verb not in {"confirm", "reject", "undo"} or not found:
        raise InvalidInput("Tick at least one column first.")
    return Verb(verb), found


def _sentence(verb: Verb, count: int) -> str:
    match verb:
        case Verb.CONFIRM:
            return ngettext("%d column protected.", "%d columns protected.", count) % count
        case Verb.REJECT:
            text = ngettext("%d column is no personal data.", "%d columns are no personal data.", count)
            return text % count
        case Verb.UNDO:
            return ngettext("%d decision taken back.", "%d decisions taken back.", count) % count
