"""Plug-in points: who listens to which domain event, who signs the head of a chain, where signed heads are anchored.

All by dotted path, so that apps above this one register without being imported.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string

from apps.audit.contracts import AnchorStore, Signer

Handler = Callable[[dict[str, Any]], None]
_subscribers: dict[str, list[str]] = defaultdict(list)
_signers: dict[str, str] = {"hmac-sha256": "apps.audit.connectors.installation_key.InstallationKey"}
_signing: list[str] = ["hmac-sha256"]
_store: list[str] = ["apps.audit.connectors.anchor_files.AnchorFiles"]


def on(event_name: str, handler: str) -> None:
    """Call `handler(event)` after commit, in a worker, for every event of this name; it must be idempotent."""
    if handler not in _subscribers[event_name]:
        _subscribers[event_name].append(handler)


def subscribers(event_name: str) -> list[Handler]:
    """Handlers of an event, resolved."""
    return [import_string(path) for path in _subscribers.get(event_name, [])]


def register_signer(algorithm: str, path: str) -> None:
    """Heads are signed by this class from now on; what earlier ones signed stays verifiable by their algorithm."""
    _signers[algorithm] = path
    _signing[0] = algorithm


def signer(algorithm: str = "") -> Signer | None:
    """The signer of an algorithm, or the one that signs now; None for an algorithm nobody registered."""
    path = _signers.get(algorithm or _signing[0])
    found: Signer | None = import_string(path)() if path else None
    return found


def register_anchor_store(path: str) -> None:
    """Keep signed heads there instead of in files under the state folder."""
    _store[0] = path


def anchor_store() -> AnchorStore:
    """Where signed heads are kept."""
    found: AnchorStore = import_string(_store[0])()
    return found
