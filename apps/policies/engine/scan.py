"""Tells literals, quoted names and comments apart from code, in linear time and without recursion.

Only what the guard needs: this is no lexer, and no rule is decided on its output alone.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from apps.policies.contracts import Dialect


class Kind(Enum):
    """What a piece of text is."""

    LITERAL = "literal"
    NAME = "name"
    COMMENT = "comment"
    OPEN = "open"
    CLOSE = "close"
    WORD = "word"
    SPACE = "space"
    OTHER = "other"
    BROKEN = "broken"


class Piece(NamedTuple):
    """A stretch of the text: its kind and where it starts and ends."""

    kind: Kind
    start: int
    end: int


_BIGQUERY: Final = re.compile(
    r"""(?P<space>[ \t\r\n\f\v]+)
    |(?P<comment>--[^\n\r]*|\#[^\n\r]*|/\*.*?\*/)
    |(?P<literal>(?:[rR][bB]?|[bB][rR]?)?(?:
        '''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"
        |'(?!'')(?:[^'\\\n]|\\.)*'|\"(?!\"\")(?:[^\"\\\n]|\\.)*\"))
    |(?P<name>`(?:[^`\\]|\\.)*`)
    |(?P<broken>/\*|['\"`])
    |(?P<open>[(\[{<](?=.))|(?P<close>[)\]}>])
    |(?P<word>[A-Za-z_0-9\x80-\U0010ffff]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# A text goes on behind a line break; the halves of an E'' text keep its backslashes.
_POSTGRES: Final = re.compile(
    r"""(?P<space>[ \t\r\n\f\v]+)
    |(?P<comment>--[^\n\r]*|/\*)
    |(?P<literal>[eE]'(?:[^'\\]|\\.|'')*'(?:[ \t\f\v]*[\n\r][ \t\r\n\f\v]*'(?:[^'\\]|\\.|'')*')*
        |[bBxX]'[^']*'|'(?:[^']|'')*'
        |\$(?P<tag>(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?)\$.*?\$(?P=tag)\$)
    |(?P<name>\"(?:[^\"]|\"\")*\")
    |(?P<broken>['\"]|\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$)
    |(?P<open>[(\[{](?=.))|(?P<close>[)\]}])
    |(?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z_0-9$\x80-\U0010ffff]*|\$[0-9]+
        |0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+
        |[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")
_KINDS: Final = {kind.value: kind for kind in Kind}


def pieces(text: str, dialect: Dialect) -> Iterator[Piece]:
    """The text cut into pieces; an unterminated literal or comment is one BROKEN piece to the end."""
    pattern = _BIGQUERY if dialect is Dialect.BIGQUERY else _POSTGRES
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:  # cannot happen: `other` takes any character
            yield Piece(Kind.BROKEN, position, len(text))
            return
        kind, end = _KINDS[match.lastgroup if match.lastgroup != "tag" else "literal"], match.end()  # type: ignore[index]
        if kind is Kind.COMMENT and dialect is Dialect.POSTGRES and match.group() == "/*":
            end = _end_of_nested_comment(text, position)
            kind = Kind.COMMENT if end else Kind.BROKEN
        if kind is Kind.BROKEN:
            yield Piece(Kind.BROKEN, position, len(text))
            return
        yield Piece(kind, position, end)
        position = end


def _end_of_nested_comment(text: str, start: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return 0
