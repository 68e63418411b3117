"""Codes that cross the socket: why it was closed, and what went wrong without closing it."""

from enum import IntEnum, StrEnum


class CloseCode(IntEnum):
    """Why the server closed a socket (private range 4000-4999; docs/realtime.md explains each)."""

    RESTARTING = 1012
    BAD_MESSAGE = 4400
    UNAUTHORISED = 4401
    FORBIDDEN = 4403
    AUTH_TIMEOUT = 4408
    TOO_LARGE = 4413
    TOO_MANY_SOCKETS = 4428
    TOO_MANY_MESSAGES = 4429
    SLOW_READER = 4430
    UNAVAILABLE = 4503


class ErrorCode(StrEnum):
    """Code of a typed error; the socket stays open."""

    BAD_MESSAGE = "BAD_MESSAGE"
    BAD_TOPIC = "BAD_TOPIC"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    NOT_FOUND = "NOT_FOUND"
    LIMIT_REACHED = "LIMIT_REACHED"
    TOO_LARGE = "TOO_LARGE"
    UNAVAILABLE = "UNAVAILABLE"
