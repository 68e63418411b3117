"""Splitting identifiers into lower-case words, whatever the spelling: snake, camel, kebab, accents, run-together."""

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_SPLIT = re.compile(r"[^0-9A-Za-z]+")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def plain(text: str) -> str:
    """`text` without accents; German umlauts become their two-letter spelling."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_GERMAN))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=8192)
def tokens(name: str) -> tuple[str, ...]:
    """The words of an identifier: `OrderDate`, `order_date`, `ORDER-DATE` all give `("order", "date")`."""
    ascii_name = plain(name)
    words = _SPLIT.sub(" ", ascii_name).split()
    parts: list[str] = []
    for word in words:
        pieces = [word] if word.isupper() else _CAMEL.split(word)
        parts.extend(piece.lower() for piece in pieces if piece)
    return tuple(parts)


def joined(name: str) -> str:
    """The words of an identifier without separators: `Order_Date` gives `orderdate`."""
    return "".join(tokens(name))


def lexicon(words: str) -> frozenset[str]:
    """A set of words written as one line of text."""
    return frozenset(words.split())
