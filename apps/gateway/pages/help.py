"""`help/`: the guide for people of a new workspace, from the same text that developers read in `docs/`."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from apps.core.pages import page, render_page


@dataclass(frozen=True, slots=True)
class GuideContext:
    """A guide's title and its text as HTML."""

    title: str
    text: SafeString


@require_safe
@page()
def guide(request: HttpRequest) -> HttpResponse:
    """`help/`."""
    return render_page(request, "gateway/guide.html", _guide())


@cache
def _guide() -> GuideContext:
    title, _, text = (settings.BASE_DIR / "docs" / "onboarding.md").read_text(encoding="utf-8").partition("\n")
    made = MarkdownIt("commonmark", {"html": False}).render(text)
    return GuideContext(title.lstrip("# "), mark_safe(made))  # noqa: S308 - a file of the product, raw HTML switched off
