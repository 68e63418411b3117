"""Names as people read them: `stg_order_items` is “Order items”, `gmv` is “GMV”."""

import re
from typing import Final

_PREFIX: Final = re.compile(r"^(?:stg|fct|fact|dim|raw|src|tbl|t|int|mart|base|vw|v)_+(?=[a-z])", re.IGNORECASE)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS: Final = re.compile(r"[^0-9A-Za-z\u00c0-\uffff]+")
_VOWEL: Final = re.compile(r"[aeiouyà-ž]", re.IGNORECASE)


def words_of(name: str) -> str:
    """`name` in lower-case words."""
    parts = _SEPARATORS.sub(" ", _CAMEL.sub(" ", _PREFIX.sub("", name))).split()
    return " ".join(part.upper() if _is_initialism(part) else part.lower() for part in parts) or name


def title_of(name: str) -> str:
    """`name` in words, the first one capital."""
    words = words_of(name)
    return words[:1].upper() + words[1:]


def plural_title(name: str) -> str:
    """`name` as a heading for many of the thing it names: `customer` is “Customers”, `orders` stays."""
    title = title_of(name)
    if title.endswith(("s", "S")) or not title.isascii():
        return title
    if title.endswith("y") and title[-2:-1].lower() not in "aeiou":
        return title[:-1] + "ies"
    return title + ("es" if title.endswith(("ch", "sh", "x", "z")) else "s")


def singular(name: str) -> str:
    """One of what `name` holds, in lower-case words: `orders` is “order”, `entries` is “entry”."""
    words = words_of(name)
    if words.endswith("ies") and len(words) > 4:
        return words[:-3] + "y"
    if words.endswith(("ches", "shes", "xes", "sses")):
        return words[:-2]
    if words.endswith("s") and not words.endswith(("ss", "us", "is")):
        return words[:-1]
    return words


def slug(name: str) -> str:
    """`name` as a key: lower-case ASCII letters, digits and underscores, starting with a letter."""
    text = re.sub(r"[^a-z0-9]+", "_", words_of(name).lower()).strip("_")
    return text if text[:1].isalpha() else f"m_{text}".rstrip("_")


def _is_initialism(part: str) -> bool:
    """Two to four letters without a vowel are read out one by one."""
    return 2 <= len(part) <= 4 and part.isalpha() and part.isascii() and not _VOWEL.search(part)
