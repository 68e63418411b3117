"""Figures as people read them: one spelling for pages, memos and exports."""

from typing import Final

from apps.dashboards.enums import ValueFormat

_SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "INR": "₹", "JPY": "¥"}
NARROW: Final = "\u202f"
MINUS: Final = "\u2212"
WHOLE_FROM: Final = 1_000


def written(value: float, shown: ValueFormat, *, currency: str = "", signed: bool = False) -> str:
    """`value` in its format: counts whole, money and averages with two decimals below a thousand."""
    if shown is ValueFormat.SHARE:
        return percent(value, signed=signed)
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    size = abs(value)
    whole = shown is ValueFormat.COUNT or size >= WHOLE_FROM or (shown is ValueFormat.NUMBER and size == int(size))
    digits = f"{size:,.0f}" if whole else f"{size:,.2f}"
    if shown is not ValueFormat.MONEY or not currency:
        return sign + digits
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits}{NARROW}{currency}"


def percent(fraction: float, *, signed: bool = False) -> str:
    """A fraction as percent with one decimal."""
    shown = f"{abs(fraction) * 100:,.1f}"
    zero = not shown.strip("0.,")
    sign = "" if zero else MINUS if fraction < 0 else "+" if signed else ""
    return f"{sign}{shown}{NARROW}%"
