"""The dialect of a delimited text from its head: delimiter by the steadiest number of columns, header by contrast.

1. Each candidate splits the head; its score is the share of lines with its most common width, times more than one
column. 2. The first row is a header when its cells are filled, distinct, and unlike the column below in kind or length.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_DELIMITERS: Final = (",", ";", "\t", "|")
_VALUE: Final = re.compile(
    r"^\s*[-+(]?[$€£]?\s*\d[\d.,' ]*\s*[%€$£)]?\s*$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|^(true|false|yes|no)$|@",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a delimited text is read; `skip` lines come before the header."""

    delimiter: str
    header: bool
    columns: tuple[str, ...]
    skip: int = 0


def sniffed(head: str, *, delimiter: str = "", header: bool | None = None) -> CsvDialect:
    """The dialect of a text with this head (whole lines); `delimiter` and `header` are taken as given when set."""
    candidates = (delimiter,) if delimiter else _DELIMITERS
    parsed = {each: _rows(head, each) for each in candidates}
    best = max(candidates, key=lambda each: (_score(parsed[each]), -candidates.index(each)))
    rows = parsed[best]
    if not rows:
        return CsvDialect(best, header=False, columns=())
    width = _width(rows)
    skip = _title_lines(rows, width)
    body = [row for row in rows[skip:] if row]
    has_header = _looks_like_header(body) if header is None else header
    first = body[0] if body else []
    names = tuple(cell.strip() for cell in first) if has_header else tuple(f"column_{n + 1}" for n in range(width))
    return CsvDialect(best, has_header, names, skip)


def _rows(head: str, delimiter: str) -> list[list[str]]:
    lines = head.splitlines(keepends=True)[:500]
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines]


def _width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(len(row) for row in rows if row).most_common(1)[0][0] if any(rows) else 0


def _score(rows: Sequence[Sequence[str]]) -> float:
    filled = [row for row in rows if row]
    if not filled:
        return 0.0
    width = _width(rows)
    share = sum(len(row) == width for row in filled) / len(filled)
    return share * (1 + min(width, 50) / 100) if width > 1 else 0.1 * share


def _title_lines(rows: Sequence[Sequence[str]], width: int) -> int:
    """Lines of prose above the table: shorter than the table is wide, and only at the top."""
    if width < 3:
        return 0
    for number, row in enumerate(rows[:10]):
        if len(row) == width and sum(bool(cell.strip()) for cell in row) > 1:
            return number
    return 0


def _looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    if not any(first) or any(_VALUE.search(cell) for cell in first):
        return False
    body = rows[1:]
    if not body or any(_VALUE.search(cell) for row in body[:50] for cell in row):
        return True
    if not all(first) or len({cell.lower() for cell in first}) < len(first):
        return False
    return not any(cell in {row[at].strip() for row in body if len(row) > at} for at, cell in enumerate(first))
