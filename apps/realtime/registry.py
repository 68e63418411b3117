"""Plug-in points of the hub: topic rules of the apps above, how identity is proven, who records a publish.

Everything is registered by dotted path while Django starts, and loaded on first use.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal, Protocol

from django.utils.module_loading import import_string

from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.realtime.contracts import Proof, SocketIdentity
from apps.realtime.engine.topics import Pattern

TELEMETRY: Final = "naksha.telemetry"


class ResolveIdentity(Protocol):
    """Prove a caller; synchronous, may use the database, called in a thread of its own; None when it fails."""

    def __call__(self, proof: Proof, /) -> SocketIdentity | None: ...


class CheckTopic(Protocol):
    """Whether this actor may use this one topic; synchronous, the tenant is entered, called in a thread."""

    def __call__(self, actor: Actor, /, **captured: str) -> bool: ...


class RecordPublish(Protocol):
    """Record that an actor published from a socket; synchronous, the tenant is entered, called in a thread."""

    def __call__(self, actor: Actor, /, *, topic: str, size: int) -> None: ...


@dataclass(frozen=True, slots=True)
class TopicRule:
    """What a pattern of topics allows: a scope to follow, one to publish (None: the product alone), an owner check."""

    pattern: Pattern
    subscribe: Scope
    publish: Scope | None = None
    check: str | None = None
    history: int = 1000
    keep_seconds: int = 72 * 3600

    def loaded_check(self) -> CheckTopic | None:
        """The owner check, imported."""
        return _load(self.check) if self.check else None


Hook = Literal["identity", "publish_record"]
_rules: dict[str, TopicRule] = {}
_hooks: dict[Hook, str] = {}
# A tenant's own channels: any topic whose first segment no app has claimed.
_RESERVED: Final = frozenset({
    "agent", "alert", "alerts", "approvals", "audit", "dashboard", "datasource", "logs", "memo", "metrics", "naksha",
    "notifications", "query", "studio", "tenant", "workflow",
})  # fmt: skip
_OPEN: Final = TopicRule(Pattern("{channel}"), Scope.REALTIME_SUBSCRIBE, Scope.REALTIME_PUBLISH)


@lru_cache(maxsize=256)
def _load(path: str) -> Callable[..., bool]:
    loaded: Callable[..., bool] = import_string(path)
    return loaded


def register_topic(
    pattern: str,
    *,
    subscribe: Scope,
    publish: Scope | None = None,
    check: str | None = None,
    history: int = 1000,
    keep_seconds: int = 72 * 3600,
) -> None:
    """Declare a pattern; its first segment is claimed, so no client may use it in any other way."""
    if pattern in _rules:
        raise ValueError(f"topic pattern {pattern!r} is registered twice")
    _rules[pattern] = TopicRule(Pattern(pattern), subscribe, publish, check, history, keep_seconds)
    match.cache_clear()


def guard_topic(pattern: str, *, check: str) -> None:
    """Add an owner check to a pattern that is registered already (by the app that owns the objects)."""
    _rules[pattern] = replace(_rules[pattern], check=check)
    match.cache_clear()


@lru_cache(maxsize=4096)
def match(topic: str) -> tuple[TopicRule, tuple[tuple[str, str], ...]] | None:
    """The rule of `topic` with what it captured; None when its first segment is claimed but nothing matches."""
    first = topic.split(".", 1)[0]
    claimed = first in _RESERVED
    for rule in _rules.values():
        captured = rule.pattern.match(topic)
        if captured is not None:
            return rule, tuple(captured.items())
        claimed = claimed or rule.pattern.segments[0] == first
    return None if claimed else (_OPEN, ())


def register_identity(path: str) -> None:
    """Name the function that proves callers (a ResolveIdentity)."""
    _hooks["identity"] = path


def register_publish_record(path: str) -> None:
    """Name the function that records a client's publish (a RecordPublish)."""
    _hooks["publish_record"] = path


def identity() -> ResolveIdentity:
    """The registered prover; KeyError when none is registered, which is a defect of ours."""
    prover: ResolveIdentity = import_string(_hooks["identity"])
    return prover


def publish_record() -> RecordPublish:
    """The registered recorder; KeyError when none is registered, which is a defect of ours."""
    recorder: RecordPublish = import_string(_hooks["publish_record"])
    return recorder
