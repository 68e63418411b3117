"""What changed between two versions, path by path; cards and metrics are matched by their key, not their position."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_KEYS: Final = ("key", "metric", "ref", "id")
MAX_CHANGES: Final = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `kind` is added, removed or changed."""

    path: str
    kind: str
    before: Any = None
    after: Any = None


def changes(before: Any, after: Any) -> list[Change]:
    """The differences in reading order, at most MAX_CHANGES."""
    found = []
    for change in _walk("", before, after):
        found.append(change)
        if len(found) == MAX_CHANGES:
            break
    return found


def _walk(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _maps(path, before, after)
    elif _keyed(before) and _keyed(after):
        yield from _maps(path, _by_key(before), _by_key(after))
    else:
        yield Change(path, "changed", before, after)


def _maps(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in [*before, *(name for name in after if name not in before)]:
        at = f"{path}.{name}" if path else str(name)
        if name not in after:
            yield Change(at, "removed", before=before[name])
        elif name not in before:
            yield Change(at, "added", after=after[name])
        else:
            yield from _walk(at, before[name], after[name])


def _keyed(value: Any) -> bool:
    """Whether a value is a non-empty list of objects that each carry one of the known keys, each once."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    if not all(isinstance(item, Mapping) and _key(item) for item in value):
        return False
    return len({_key(item) for item in value}) == len(value)


def _by_key(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {_key(item): item for item in values}


def _key(item: Mapping[str, Any]) -> str:
    return next((str(item[name]) for name in _KEYS if item.get(name)), "")
