"""Plug-in points of policies, by dotted path, loaded on first use: apps above tell how their things are called, and
that they keep sealed values of their own, so that a new data key reaches them. Frozen after start.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.module_loading import import_string

from apps.core.actor import Actor

_sealed: dict[str, str] = {}
Names = Callable[[Actor, set[UUID]], Mapping[UUID, str]]
_names: dict[str, str] = {}


def register_names(kind: str, path: str) -> None:
    """Name the function `(actor, ids) -> {id: name}` of a kind of thing (`datasource`)."""
    _names[kind] = path


def names_of(kind: str, actor: Actor, ids: set[Any]) -> Mapping[UUID, str]:
    """Readable names by id; empty while nobody above has registered any."""
    path, wanted = _names.get(kind), {each for each in ids if each}
    if path is None or not wanted:
        return {}
    found: Names = import_string(path)
    return found(actor, wanted)


def choices_of(kind: str, actor: Actor) -> list[tuple[str, str]]:
    """All of a kind as choices of a filter, by name."""
    path = _names.get(f"{kind}:all")
    found: Callable[[Actor], Mapping[UUID, str]] | None = import_string(path) if path else None
    return sorted(((str(key), name) for key, name in found(actor).items()), key=lambda each: each[1]) if found else []


def register_sealed_values(name: str, reseal: str) -> None:
    """`reseal` is the dotted path of `() -> int`: seal again what is under an older key of the entered tenant.

    It must be safe to repeat and to run beside writers (compare and set), and answers how many values it changed.
    """
    _sealed[name] = reseal


def sealed_values() -> tuple[tuple[str, Callable[[], int]], ...]:
    """Every registered kind of sealed value with its function."""
    return tuple((name, import_string(path)) for name, path in sorted(_sealed.items()))
