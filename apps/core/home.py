"""Plug-in points of the shell: what apps show on the home page, in the palette and as notices.

Apps register in `apps.py` by dotted path; handlers load on first use. Nothing here decides or reads a table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from django.utils.module_loading import import_string

from apps.core.actor import Actor


class Slot(StrEnum):
    """Places of the home page."""

    ATTENTION = "attention"
    RUNNING = "running"
    RECENT = "recent"
    FRESHNESS = "freshness"


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """One step of the way to the first memo; `done` is read from the owner's tables, never remembered here."""

    title: str
    note: str
    done: bool
    href: str
    action: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class HomeItem:
    """One line of a home panel. `topic` (with `progress` 0..1 and `poll_url`) makes it a live progress bar."""

    title: str
    href: str = ""
    note: str = ""
    icon: str = "circle-dashed"
    at: datetime | None = None
    state: str = ""
    topic: str = ""
    poll_url: str = ""
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: `value` is already written out for people."""

    name: str
    value: str
    note: str = ""
    href: str = ""
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of the command palette."""

    title: str
    kind: str
    url: str
    icon: str = "arrow-right"


@dataclass(frozen=True, slots=True)
class Notice:
    """A degraded part: what is wrong, what still works, what helps."""

    title: str
    text: str
    href: str = ""
    key: str = ""


Key = TypeVar("Key")
StepHandler = Callable[[Actor], ChecklistStep | None]
ItemsHandler = Callable[[Actor], Sequence[HomeItem]]
FiguresHandler = Callable[[Actor], Sequence[Figure]]
SearchHandler = Callable[[Actor, str, int], Sequence[Found]]
NoticesHandler = Callable[[Actor | None], Sequence[Notice]]

_steps: dict[str, tuple[int, str]] = {}
_items: dict[tuple[Slot, str], int] = {}
_figures: dict[str, int] = {}
_searches: dict[str, int] = {}
_notices: dict[str, int] = {}
_load: Callable[[str], Any] = cache(import_string)


def register_step(key: str, handler: str, *, order: int) -> None:
    """A checklist step. Known keys and orders: connect 10, load 20, profile 30, confirm 40, dashboard 50, memo 60,
    feedback 70."""
    _steps[key] = (order, handler)


def register_items(slot: Slot, handler: str, *, order: int = 50) -> None:
    """Lines for a panel of the home page: `handler(actor) -> Sequence[HomeItem]`, at most a handful, one query."""
    _items[slot, handler] = order


def register_figures(handler: str, *, order: int = 50) -> None:
    """Key figures of the home page: `handler(actor) -> Sequence[Figure]`."""
    _figures[handler] = order


def register_search(handler: str, *, order: int = 50) -> None:
    """Hits for the palette: `handler(actor, text, limit) -> Sequence[Found]`; permission-checked, one indexed query."""
    _searches[handler] = order


def register_notices(handler: str, *, order: int = 50) -> None:
    """Degraded parts, asked on every page: `handler(actor | None) -> Sequence[Notice]`; memory only, no query."""
    _notices[handler] = order


def checklist(actor: Actor) -> list[tuple[str, ChecklistStep]]:
    """Steps with their keys, in order; a step whose handler says None is not for this person."""
    ordered = sorted(_steps.items(), key=lambda entry: entry[1][0])
    found = [(key, _load(handler)(actor)) for key, (_, handler) in ordered]
    return [(key, step) for key, step in found if step is not None]


def items(slot: Slot, actor: Actor) -> list[HomeItem]:
    """Lines of one panel."""
    handlers = [handler for (where, handler) in _by_order(_items) if where == slot]
    return [item for handler in handlers for item in _load(handler)(actor)]


def figures(actor: Actor) -> list[Figure]:
    """Key figures."""
    return [figure for handler in _by_order(_figures) for figure in _load(handler)(actor)]


def search(actor: Actor, text: str, *, limit: int = 5) -> list[Found]:
    """Hits of all apps for `text`, `limit` per app."""
    return [hit for handler in _by_order(_searches) for hit in _load(handler)(actor, text, limit)]


def notices(actor: Actor | None) -> list[Notice]:
    """Everything that is degraded now."""
    return [notice for handler in _by_order(_notices) for notice in _load(handler)(actor)]


def _by_order(table: dict[Key, int]) -> list[Key]:
    return sorted(table, key=lambda key: table[key])
