"""Template tags of the kit: icons, times in the viewer's zone, numbers and states as people read them."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

Number = int | float | Decimal
_BYTE_STEPS = ("B", "KB", "MB", "GB", "TB", "PB")
_STATES = {
    "good": {
        "ok",
        "ready",
        "done",
        "active",
        "succeeded",
        "success",
        "published",
        "healthy",
        "confirmed",
        "completed",
        "allow",
        "allowed",
        "verified",
        "valid",
        "passed",
        "live",
        "approved",
        "used",
        "settled",
    },
    "bad": {
        "failed",
        "error",
        "blocked",
        "block",
        "refused",
        "rejected",
        "denied",
        "dead",
        "broken",
        "expired",
        "invalid",
        "unhealthy",
    },
    "warn": {
        "warning",
        "degraded",
        "draft",
        "needs_approval",
        "stale",
        "paused",
        "cancelled",
        "retrying",
        "rewrite",
        "awaiting_approval",
        "unverified",
        "disabled",
        "pending",
        "lost",
    },
    "busy": {"running", "queued", "testing", "profiling", "generating", "provisioning", "compensating"},
}
_STATE_OF = {word: state for state, words in _STATES.items() for word in words}


@register.simple_tag
def icon(name: str, title: str = "") -> SafeString:
    """An icon of the sprite (`static/src/icons.json`); decorative unless it has a `title`."""
    label = format_html('role="img" aria-label="{}"', title) if title else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"'
        ' stroke-linejoin="round" {}><use href="{}#{}"></use></svg>',
        label,
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | date | None, style: str = "short") -> SafeString | str:
    """`at` in the viewer's zone with the zone shown; style `short`, `full`, `day` or `ago` (live)."""
    if at is None:
        return "–"
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), date_format(at, "j M Y"))
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    local = moment.astimezone(_zone(context))
    text = date_format(local, "j M Y" if style == "day" else "j M Y, H:i") + (
        "" if style == "day" else f" {local.tzname()}"
    )
    behaviour = format_html(' data-behaviour="kit/time" data-style="{}"', style)
    return format_html('<time datetime="{}"{}>{}</time>', moment.isoformat(), behaviour, text)


def _zone(context: Context) -> ZoneInfo:
    shell = context.get("shell")
    return ZoneInfo(getattr(shell, "timezone", "") or "UTC")


@register.filter
def number(value: Number | None, decimals: int | None = None) -> str:
    """1234567.891 → 1,234,567.89; None → –."""
    if value is None or value == "":
        return "–"
    amount = float(value)
    places = decimals if decimals is not None else (0 if amount.is_integer() or abs(amount) >= 1000 else 2)
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)  # number_format only cuts
    return str(number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True))


@register.filter
def percent(share: Number | None, decimals: int = 1) -> str:
    """0.123 → 12.3 %."""
    return "–" if share is None else f"{number(float(share) * 100, decimals)} %"


@register.filter
def usd(value: Number | None) -> str:
    """Money with as many places as it takes to not show a cost as zero."""
    if value is None:
        return "–"
    amount = float(value)
    places = 2 if amount == 0 or abs(amount) >= 0.01 else 6
    return f"${amount:,.{places}f}"


@register.filter(name="bytes")
def as_bytes(value: Number | None) -> str:
    """1234567 → 1.2 MB (decimal units, as BigQuery bills)."""
    if value is None:
        return "–"
    amount, step = float(value), 0
    while abs(amount) >= 1000 and step < len(_BYTE_STEPS) - 1:
        amount, step = amount / 1000, step + 1
    return f"{amount:.1f} {_BYTE_STEPS[step]}" if step else f"{int(amount)} B"


@register.filter
def duration(milliseconds: Number | None) -> str:
    """1234 → 1.2 s."""
    if milliseconds is None:
        return "–"
    value = float(milliseconds)
    if value < 1000:
        return f"{value:.0f} ms"
    if value < 60_000:
        return f"{value / 1000:.1f} s"
    return f"{int(value // 60_000)} min {int(value % 60_000 // 1000)} s"


@register.filter
def state_class(state: Any) -> str:
    """CSS class of a state badge: `state state-good|bad|warn|busy`."""
    kind = _STATE_OF.get(str(state).lower())
    return f"state state-{kind}" if kind else "state"


@register.filter
def words(code: Any) -> str:
    """`needs_approval` → `Needs approval`."""
    text = str(code).replace("_", " ").replace(".", " ").strip()
    return text[:1].upper() + text[1:]


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The page's own query string with some parameters changed (None removes one): for sort links and pagers."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        parameters.pop(key, None)
        if value not in (None, ""):
            parameters[key] = str(value)
    return f"?{parameters.urlencode()}"
