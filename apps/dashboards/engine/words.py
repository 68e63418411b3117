"""Names as people read them: `stg_order_items` is “Order items”, `gmv` is “GMV”."""

import re
from typing import Final

_PREFIX: Final = re.compile(r"^(?:stg|fct|fact|dim|raw|src|tbl|t|int|mart|base|vw|v)_+(?=[a-z])", re.IGNORECASE)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS: Final = re.compile(r"[^0-9A-Za-z\u00c0-\uffff]+")
_SINGULARS: Final = frozenset(
    [
        "account",
        "activity",
        "booking",
        "buyer",
        "click",
        "client",
        "company",
        "contact",
        "customer",
        "deal",
        "device",
        "event",
        "guest",
        "invoice",
        "item",
        "lead",
        "login",
        "member",
        "message",
        "order",
        "page",
        "patient",
        "payment",
        "product",
        "purchase",
        "receipt",
        "refund",
        "sale",
        "session",
        "shipment",
        "shop",
        "store",
        "subscriber",
        "subscription",
        "supplier",
        "ticket",
        "transaction",
        "user",
        "vendor",
        "view",
        "visit",
        "visitor",
    ]
)
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
    """`name` as a heading for many of the thing it names: `customer` is “Customers”; unknown words stay as they are."""
    title = title_of(name)
    head, _, last = title.rpartition(" ")
    if last.lower() not in _SINGULARS:
        return title
    plural = last[:-1] + "ies" if last.endswith("y") else last + "s"
    return f"{head} {plural}".strip()


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


def is_known(name: str) -> bool:
    """Whether the last word of a name is one whose plural we know."""
    return words_of(name).rpartition(" ")[2].lower() in _SINGULARS


def slug(name: str) -> str:
    """`name` as a key: lower-case ASCII letters, digits and underscores, starting with a letter."""
    text = re.sub(r"[^a-z0-9]+", "_", words_of(name).lower()).strip("_")
    return text if text[:1].isalpha() else f"m_{text}".rstrip("_")


def _is_initialism(part: str) -> bool:
    """Two to four letters without a vowel are read out one by one."""
    return 2 <= len(part) <= 4 and part.isalpha() and part.isascii() and not _VOWEL.search(part)
