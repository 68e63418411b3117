"""What the shell asks for after a page is loaded: palette hits, and the parts that are degraded now."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.core import home
from apps.core.pages import page, render_page

MIN_TEXT, MAX_TEXT = 2, 80


@page()
def palette(request: HttpRequest) -> JsonResponse:
    """`/t/<slug>/palette?q=`: `{"items": [{title, kind, url, icon}]}`."""
    text = request.GET.get("q", "").strip()[:MAX_TEXT]
    found = home.search(request.actor, text) if len(text) >= MIN_TEXT else []  # type: ignore[attr-defined]
    return JsonResponse({"items": [asdict(hit) for hit in found]})


@page()
def notices(request: HttpRequest) -> HttpResponse:
    """`/t/<slug>/notices`: the banners, empty when all is well."""
    return render_page(request, "components/_notices.html")
