"""The guard in front of every parser: length, characters, bracket depth, tokens. Linear time, no recursion.

sqlglot in pure Python ends in RecursionError at about 46 levels, so nothing deeper reaches it.
"""

import re
from typing import Final

from apps.policies.contracts import Dialect, Finding
from apps.policies.engine.limits import Limits
from apps.policies.engine.scan import Kind, pieces
from apps.policies.engine.statement import block, place_of

# Spaces, separators and invisible characters that the two readers of a dialect take for different things.
_ODD_CHARACTER: Final = re.compile(
    "[\x01-\x08\x0b\x0e-\x1f\x7f\x80-\x9f\xa0\xad\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_TEMPLATE: Final = re.compile(r"\{\{|\{%|\{#|%\}|#\}")
_HASH_ARROW: Final = "#>"
_PLAIN, _COMMENT, _BROKEN, _OPEN, _CLOSE = Kind.PLAIN, Kind.COMMENT, Kind.BROKEN, Kind.OPEN, Kind.CLOSE
_BLANKED: Final = (Kind.LITERAL, Kind.NAME, _COMMENT)
_SUBSCRIPTS: Final = re.compile(r"(?:\]\s*\[[^\[\]]*){32}")
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_UNICODE_ESCAPE: Final = re.compile(r"(?i:\bu)&['\"]")


def inspect(text: str, dialect: Dialect, limits: Limits) -> Finding | None:
    """The first reason why `text` must not reach a parser, or None."""
    return _whole_text(text, limits) or _piecewise(text, dialect, limits)


def _whole_text(text: str, limits: Limits) -> Finding | None:
    if not text.strip():
        return block("empty", "There is no statement.", "Write a SELECT.")
    if len(text) > limits.max_length:
        return block("length", f"The statement has {len(text)} characters; {limits.max_length} are allowed.")
    nul = text.find("\0")
    if nul >= 0:
        return block("characters", "The text holds a NUL character.", "Remove it.", place=place_of(text, nul))
    if not text.isascii() and _SURROGATE.search(text):
        return block("characters", "The text holds half of a character pair and is no valid Unicode.")
    return None


def _piecewise(text: str, dialect: Dialect, limits: Limits) -> Finding | None:
    depth = literals = 0
    code: list[str] = []
    for kind, start, end in pieces(text, dialect):
        if kind is _PLAIN:
            code.append(text[start:end])
        elif kind in _BLANKED:
            literals += kind is not _COMMENT
            if kind is _COMMENT and text.startswith(_HASH_ARROW, start):
                return _hash_arrow(text, start)
            code.append(" " * (end - start))
        elif kind is _BROKEN:
            return _unterminated(text, start)
        else:
            code.append(text[start:end])
            depth = _depth_after(kind, code[-1], depth)
            if depth > limits.max_bracket_depth:
                return _too_deep(text, start, limits)
    outside = "".join(code)
    # No text has more tokens than characters: short ones need no count.
    if len(text) > limits.max_tokens and literals + len(_TOKEN.findall(outside)) > limits.max_tokens:
        return block("tokens", f"The statement has more than {limits.max_tokens} tokens.")
    return _many_subscripts(outside, text) or _outside_literals(outside, text)


def _hash_arrow(text: str, start: int) -> Finding:
    message = "“#>” begins a comment to BigQuery and is an operator to others."
    return block("characters", message, "Write the comment with two dashes.", place=place_of(text, start))


def _unterminated(text: str, start: int) -> Finding:
    message = "A literal, name or comment opened here is never closed."
    return block("unterminated", message, "Close it.", place=place_of(text, start))


def _too_deep(text: str, start: int, limits: Limits) -> Finding:
    message = f"Brackets are nested more than {limits.max_bracket_depth} deep."
    return block("depth", message, "Split it into common table expressions.", place=place_of(text, start))


def _many_subscripts(code: str, text: str) -> Finding | None:
    """`a[1][1][1]…`: each one makes sqlglot read all before it again."""
    chain = _SUBSCRIPTS.search(code) if "[" in code else None
    if chain is None:
        return None
    return block("depth", "Too many subscripts follow each other.", place=place_of(text, chain.start()))


def _depth_after(kind: Kind, character: str, depth: int) -> int:
    if kind is _OPEN and character != "<":
        return depth + 1
    if kind is _CLOSE and character != ">":
        return max(0, depth - 1)
    return depth


def _outside_literals(code: str, text: str) -> Finding | None:
    is_plain = code.isascii() and code.isprintable()
    odd = None if is_plain else _ODD_CHARACTER.search(code)
    if odd:
        return block(
            "characters",
            f"The character U+{ord(odd.group()):04X} outside a literal is read differently by different parsers.",
            "Replace it by an ordinary space, or remove it.",
            place=place_of(text, odd.start()),
        )
    template = next((found for found in _TEMPLATE.finditer(text) if not code[found.start()].isspace()), None)
    if template:
        return block(
            "template",
            "Template markers are not SQL here.",
            "Write the value itself.",
            place=place_of(text, template.start()),
        )
    escapes = _UNICODE_ESCAPE.finditer(text) if "&" in code else iter(())
    escape = next((found for found in escapes if not code[found.start()].isspace()), None)
    if escape:
        return block(
            "unicode_escape",
            "U& names and literals are not accepted.",
            "Write the characters themselves.",
            place=place_of(text, escape.start()),
        )
    return None
