"""Who listens to which domain event, by dotted path."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string

Handler = Callable[[dict[str, Any]], None]
_subscribers: dict[str, list[str]] = defaultdict(list)


def on(event_name: str, handler: str) -> None:
    """Call `handler(event)` after commit, in a worker, for every event of this name; it must be idempotent."""
    if handler not in _subscribers[event_name]:
        _subscribers[event_name].append(handler)


def subscribers(event_name: str) -> list[Handler]:
    """Handlers of an event, resolved."""
    return [import_string(path) for path in _subscribers.get(event_name, [])]
