"""Stream ids (`<milliseconds>-<sequence>`): parse, compare, and the time they carry."""

from datetime import UTC, datetime
from functools import lru_cache

StreamId = tuple[int, int]
ZERO: StreamId = (0, 0)


def parse(text: str) -> StreamId | None:
    """The id that `text` spells (`"0"` is the beginning of everything kept), or None."""
    head, _, tail = text.partition("-")
    if not (head.isascii() and head.isdigit() and len(head) <= 15):
        return None
    if tail and not (tail.isascii() and tail.isdigit() and len(tail) <= 15):
        return None
    return int(head), int(tail or 0)


def spell(stream_id: StreamId) -> str:
    """The id as Redis writes it."""
    return f"{stream_id[0]}-{stream_id[1]}"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def moment(stream_id: StreamId) -> str:
    """ISO 8601 in UTC with milliseconds of the instant the message was kept."""
    seconds, milliseconds = divmod(stream_id[0], 1000)
    return f"{_second(seconds)}.{milliseconds:03d}Z"
