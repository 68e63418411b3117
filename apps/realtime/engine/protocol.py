"""The socket's language: what a client may say, as closed types, and how the server's answers are written.

Client: {"auth":{"token"}}, {"subscribe":{"topic","since"?,"presence"?}} or a bare {"topic"}, {"unsubscribe":{"topic"}},
{"publish":{"topic","msg"}}, {"presence":{"topic"}}, {"ping":…}; each may carry a "ref" that its answer repeats.
Server: {"topic","id","msg","at"} for messages; everything else has a "type".
"""

from dataclasses import dataclass
from typing import Any, assert_never

import orjson

from apps.realtime.engine import ids, topics

Ref = str | int | None


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Who is speaking; also renews the token of an open socket."""

    token: str
    ref: Ref = None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Follow a topic, from the message after `since` where given."""

    topic: str
    since: ids.StreamId | None = None
    presence: bool = False
    ref: Ref = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Stop following a topic."""

    topic: str
    ref: Ref = None


@dataclass(frozen=True, slots=True)
class Publish:
    """Say something on a topic; `body` is its JSON text."""

    topic: str
    body: bytes
    ref: Ref = None


@dataclass(frozen=True, slots=True)
class WhoIsThere:
    """Ask for the members present on a topic."""

    topic: str
    ref: Ref = None


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask for a sign of life."""

    ref: Ref = None


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that is none of the above, and why."""

    detail: str
    ref: Ref = None


Command = Authenticate | Subscribe | Unsubscribe | Publish | WhoIsThere | Ping | Malformed


def parse(text: str | bytes) -> Command:
    """The command in one client message; what cannot be read comes back as Malformed."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Malformed("This is not JSON.")
    if not isinstance(said, dict):
        return Malformed("A message is a JSON object.")
    ref = said.pop("ref", None)
    if ref is not None and not (isinstance(ref, int) or (isinstance(ref, str) and len(ref) <= 64)):
        return Malformed("“ref” is a number or a string of at most 64 characters.")
    if "topic" in said:
        return _subscribe(said, ref)
    if len(said) != 1:
        return Malformed("A message names exactly one of auth, subscribe, unsubscribe, publish, presence, ping.", ref)
    verb, value = next(iter(said.items()))
    return _command(verb, value if isinstance(value, dict) else {}, ref)


def _command(verb: str, value: dict[str, Any], ref: Ref) -> Command:
    if verb == "auth":
        token = value.get("token")
        return Authenticate(token, ref) if isinstance(token, str) and token else Malformed("“auth” needs a token.", ref)
    if verb == "subscribe":
        return _subscribe(value, ref)
    if verb == "ping":
        return Ping(ref)
    if verb not in ("unsubscribe", "publish", "presence"):
        return Malformed(f"Unknown message “{verb[:40]}”.", ref)
    topic = _topic(value)
    if topic is None:
        return Malformed("“topic” is missing or not a topic name.", ref)
    if verb == "publish":
        if "msg" not in value:
            return Malformed("“publish” needs a msg.", ref)
        return Publish(topic, orjson.dumps(value["msg"]), ref)
    return Unsubscribe(topic, ref) if verb == "unsubscribe" else WhoIsThere(topic, ref)


def _topic(value: dict[str, Any]) -> str | None:
    topic = value.get("topic")
    return topic if isinstance(topic, str) and topics.is_name(topic) else None


def _subscribe(value: dict[str, Any], ref: Ref) -> Command:
    topic = _topic(value)
    if topic is None:
        return Malformed("“topic” is missing or not a topic name.", ref)
    since = value.get("since")
    if since is None:
        return Subscribe(topic, None, value.get("presence") is True, ref)
    start = ids.parse(str(since)) if isinstance(since, str | int) else None
    if start is None:
        return Malformed("“since” is the id of a message, or 0 for everything kept.", ref)
    return Subscribe(topic, start, value.get("presence") is True, ref)


def answer(type_: str, ref: Ref = None, **members: Any) -> str:
    """A typed server message that is not a topic's message."""
    said: dict[str, Any] = {"type": type_, **members}
    if ref is not None:
        said["ref"] = ref
    return orjson.dumps(said).decode()


def error(code: str, detail: str, ref: Ref = None, **members: Any) -> str:
    """A typed error; the socket stays open."""
    return answer("error", ref, code=code, detail=detail, **members)


def name_of(command: Command) -> str:
    """The verb of a command, for logs and metrics."""
    match command:
        case Authenticate():
            return "auth"
        case Subscribe():
            return "subscribe"
        case Unsubscribe():
            return "unsubscribe"
        case Publish():
            return "publish"
        case WhoIsThere():
            return "presence"
        case Ping():
            return "ping"
        case Malformed():
            return "malformed"
        case _:
            assert_never(command)
