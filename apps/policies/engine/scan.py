"""Tells literals, quoted names and comments apart from code, in linear time and without recursion.

Only what the guard needs: this is no lexer, and no rule is decided on its output alone.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

from apps.policies.contracts import Dialect


class Kind(Enum):
    """What a piece of text is."""

    LITERAL = "literal"
    NAME = "name"
    COMMENT = "comment"
    OPEN = "open"
    CLOSE = "close"
    PLAIN = "plain"
    OTHER = "other"
    BROKEN = "broken"


# `plain` swallows a whole run of words, numbers, spaces and signs that begin nothing: fewer pieces, the same cuts.
_BIGQUERY: Final = re.compile(
    r"""(?P<plain>(?:[ \t\r\n\f\v]+
            |(?!(?:[rR][bB]?|[bB][rR]?)['"])[A-Za-z_0-9\x80-\U0010ffff]+
            |-(?!-)|/(?!\*)|[^'"`\#/\-(\[{<)\]}>A-Za-z_0-9\x80-\U0010ffff \t\r\n\f\v])++)
    |(?P<comment>--[^\n\r]*|\#[^\n\r]*|/\*.*?\*/)
    |(?P<literal>(?:[rR][bB]?|[bB][rR]?)?(?:
        '''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"
        |'(?!'')(?:[^'\\\n]|\\.)*'|\"(?!\"\")(?:[^\"\\\n]|\\.)*\"))
    |(?P<name>`(?:[^`\\]|\\.)*`)
    |(?P<broken>/\*|['\"`])
    |(?P<open>[(\[{<](?=.))|(?P<close>[)\]}>])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# A text goes on behind a line break; the halves of an E'' text keep its backslashes.
_POSTGRES: Final = re.compile(
    r"""(?P<plain>(?:[ \t\r\n\f\v]+
            |(?![eEbBxX]')[A-Za-z_\x80-\U0010ffff][A-Za-z_0-9$\x80-\U0010ffff]*|\$[0-9]+
            |0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+
            |[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?
            |-(?!-)|/(?!\*)|[^'"$/\-(\[{)\]}A-Za-z_0-9\x80-\U0010ffff \t\r\n\f\v])++)
    |(?P<comment>--[^\n\r]*|/\*)
    |(?P<literal>[eE]'(?:[^'\\]|\\.|'')*'(?:[ \t\f\v]*[\n\r][ \t\r\n\f\v]*'(?:[^'\\]|\\.|'')*')*
        |[bBxX]'[^']*'|'(?:[^']|'')*'
        |\$(?P<tag>(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?)\$.*?\$(?P=tag)\$)
    |(?P<name>\"(?:[^\"]|\"\")*\")
    |(?P<broken>['\"]|\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$)
    |(?P<open>[(\[{](?=.))|(?P<close>[)\]}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")
_KINDS: Final = {kind.value: kind for kind in Kind} | {"tag": Kind.LITERAL}


def pieces(text: str, dialect: Dialect) -> Iterator[tuple[Kind, int, int]]:
    """(kind, start, end) of each piece; an unterminated literal or comment is one BROKEN piece to the end."""
    match_at = (_BIGQUERY if dialect is Dialect.BIGQUERY else _POSTGRES).match
    position, length = 0, len(text)
    while position < length:
        match = match_at(text, position)
        if match is None:  # cannot happen: `other` takes any character
            yield Kind.BROKEN, position, length
            return
        kind, end = _KINDS[match.lastgroup or ""], match.end()
        if kind is Kind.COMMENT and dialect is Dialect.POSTGRES and match.group() == "/*":
            end = _end_of_nested_comment(text, position)
            kind = Kind.COMMENT if end else Kind.BROKEN
        if kind is Kind.BROKEN:
            yield Kind.BROKEN, position, length
            return
        yield kind, position, end
        position = end


def _end_of_nested_comment(text: str, start: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return 0
