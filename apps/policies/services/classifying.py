"""Recognises personal data in samples that a caller hands over. Nothing is kept, logged or given back but counts."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.core import tenant
from apps.core.actor import Actor
from apps.core.permissions import Scope
from apps.policies.engine.pii.classify import classify_column
from apps.policies.engine.pii.verdict import PiiVerdict, Tier

MAX_WIDTH: Final = 2_000
MAX_PATHS: Final = 100
MAX_DEPTH: Final = 8
_RANK: Final = {Tier.HIGH: 2, Tier.LOW: 1, Tier.NONE: 0}


@dataclass(frozen=True, slots=True)
class Classified:
    """A column's verdict; `fields` holds those of paths inside nested values that are not NONE."""

    name: str
    verdict: PiiVerdict
    fields: Mapping[str, PiiVerdict]


def classify(actor: Actor, columns: Sequence[tuple[str, Sequence[Any]]]) -> list[Classified]:
    """A verdict for each (name, samples); samples are scalars or nested lists and objects, NULLs count for nothing."""
    actor.require(Scope.PII_REVIEW)
    key = tenant.require().id.bytes
    return [_classified(name, samples, key) for name, samples in columns]


def _classified(name: str, samples: Sequence[Any], key: bytes) -> Classified:
    values: dict[str, list[Any]] = defaultdict(list)
    for sample in samples:
        for path, value in _leaves(sample):
            if path in values or len(values) < MAX_PATHS:
                values[path].append(value)
    found = {path: _verdict(name, path, leaves, key) for path, leaves in values.items()}
    verdict = found.pop("", None)
    best = max(found.values(), key=_weight, default=None)
    if verdict is None or (best is not None and _weight(best) > _weight(verdict)):
        verdict = best
    if verdict is None:
        verdict = classify_column(name, "STRING", {}, key=key)
    return Classified(name, verdict, {path: each for path, each in found.items() if each.tier is not Tier.NONE})


def _weight(verdict: PiiVerdict) -> tuple[int, float]:
    return _RANK[verdict.tier], verdict.rate


def _verdict(name: str, path: str, leaves: Sequence[Any], key: bytes) -> PiiVerdict:
    own = path.rpartition(".")[2] or name
    texts = Counter(text for value in leaves if (text := _text(value)))
    return classify_column(own, _type(leaves), texts, table=name if path else "", key=key)


def _leaves(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Scalars with the path of keys to them; elements of a list share one path."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path, depth + 1)
    elif value is not None:
        yield path, value


def _type(leaves: Sequence[Any]) -> str:
    """The type all leaves share; text where they do not agree."""
    kinds = {type(value) for value in leaves}
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int}:
        return "INT64"
    return "FLOAT64" if kinds and kinds <= {int, float} else "STRING"


def _text(value: Any) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)[:MAX_WIDTH]
