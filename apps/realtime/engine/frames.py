"""What travels through Redis between processes, and the text each becomes on the socket.

One frame is `kind SEP tenant SEP topic SEP id SEP body`; the body is JSON already, so a process that fans a message
out to a thousand sockets encodes it once and parses it never.
"""

from dataclasses import dataclass

from apps.realtime.engine import ids

SEP = b"\x1f"
MESSAGE, PRESENCE, CONTROL = b"m", b"p", b"c"


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame; `body` is JSON text in UTF-8."""

    kind: bytes
    tenant: bytes
    topic: bytes
    id: bytes
    body: bytes


def head(kind: bytes, tenant: bytes, topic: bytes) -> bytes:
    """The part of a frame that stands before its id."""
    return SEP.join((kind, tenant, topic, b""))


def decode(data: bytes) -> Frame | None:
    """The frame in `data`, or None when something else was published on our channel."""
    parts = data.split(SEP, 4)
    return Frame(*parts) if len(parts) == 5 else None


def message_text(topic: str, stream_id: ids.StreamId | None, body: str) -> str:
    """The server message `{topic, id, msg, at}`; topic names need no escaping."""
    if stream_id is None:
        return f'{{"topic":"{topic}","id":null,"msg":{body},"at":null}}'
    return f'{{"topic":"{topic}","id":"{ids.spell(stream_id)}","msg":{body},"at":"{ids.moment(stream_id)}"}}'
