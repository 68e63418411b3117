"""Identifiers: time-ordered UUIDs (RFC 9562 version 7), the only kind of key in ATOM."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7; ids made later sort later within a millisecond's resolution."""
    return uuid7()


def parse_id(text: str) -> UUID | None:
    """The UUID that `text` spells, or None; never raises."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
