"""The memo as it is read: the document's sentences with their slots filled from the packet."""

from collections.abc import Mapping
from typing import Any

from apps.memos.engine import slots

Packet = Mapping[str, Any]


def as_text(document: Mapping[str, Any], packet: Packet) -> dict[str, Any]:
    """The document with every slot written out, in the same shape."""
    return {name: _filled(value, packet) for name, value in document.items()}


def _filled(value: Any, packet: Packet) -> Any:
    if isinstance(value, str):
        return slots.render(value, packet)
    if isinstance(value, Mapping):
        kept = {"metric", "packet_ref", "evidence_type", "significance"}
        return {name: item if name in kept else _filled(item, packet) for name, item in value.items()}
    return [_filled(item, packet) for item in value]
