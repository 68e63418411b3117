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
_BROKEN, _COMMENT = Kind.BROKEN, Kind.COMMENT
_KINDS: Final = {kind.value: kind for kind in Kind} | {"tag": Kind.LITERAL}


def pieces(text: str, dialect: Dialect) -> Iterator[tuple[Kind, int, int]]:
    """(kind, start, end) of each piece; an unterminated literal or comment is one BROKEN piece to the end."""
    cut = (_BIGQUERY if dialect is Dialect.BIGQUERY else _POSTGRES).finditer
    position, length, kinds = 0, len(text), _KINDS
    while position < length:
        for match in cut(text, position):  # `other` takes any character, so there are no gaps
            group, end = match.lastgroup or "", match.end()
            if group == "broken":
                yield _BROKEN, match.start(), length
                return
            if group == "comment" and dialect is Dialect.POSTGRES and match.group() == "/*":
                end = _end_of_nested_comment(text, match.start())
                yield (_COMMENT, match.start(), end) if end else (_BROKEN, match.start(), length)
                position = end or length
                break
            yield kinds[group], match.start(), end
        else:
            return


def _end_of_nested_comment(text: str, start: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return 0
