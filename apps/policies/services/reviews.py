"""Reviews of texts, remembered: an identical statement under the same policy and catalog is not read twice."""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any, Final

from apps.policies.connectors import second_reader
from apps.policies.contracts import Dialect, ExecutionRequest, TargetKind
from apps.policies.engine import safety
from apps.policies.engine.safety import Review
from apps.policies.engine.statement import Context

MOST_BYTES: Final = 32_000_000
"""What the remembered reviews of one process may weigh together; the least recently used ones go first."""
_ENTRY_BYTES: Final = 2_000
_FINDING_BYTES: Final = 600

_reviews: "OrderedDict[tuple[Any, ...], tuple[int, Review]]" = OrderedDict()
_lock = Lock()
_held = 0


def sha256(text: str) -> str:
    """Hash by which a statement is known everywhere."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def review(request: ExecutionRequest, context: Context) -> Review:
    """The review of the text, from the cache when an identical one was made under the same policy and catalog."""
    key = (
        request.dialect, request.purpose, request.target, sha256(request.sql), context.limits, context.row_limit,
        request.actor.tenant, request.datasource_id, context.catalog.version if context.catalog else "",
    )  # fmt: skip
    with _lock:
        known = _reviews.get(key)
        if known is not None:
            _reviews.move_to_end(key)
            return known[1]
    made = safety.review(request.sql, context, second=_second(request))
    _keep(key, made)
    return made


def held_bytes() -> int:
    """The weight of what is remembered now."""
    return _held


def _keep(key: tuple[Any, ...], made: Review) -> None:
    global _held  # noqa: PLW0603  # the weight of the one cache of this process, under its lock
    weight = _ENTRY_BYTES + 4 * len(made.sql) + _FINDING_BYTES * (len(made.findings) + len(made.tables))
    with _lock:
        if key in _reviews:
            return
        _reviews[key] = (weight, made)
        _held += weight
        while _held > MOST_BYTES:
            _held -= _reviews.popitem(last=False)[1][0]


def needs_second_reader(request: ExecutionRequest) -> bool:
    """Real BigQuery execution needs the second reader; stand-ins do without."""
    return request.dialect is Dialect.BIGQUERY and request.target is TargetKind.LIVE_WAREHOUSE


def _second(request: ExecutionRequest) -> second_reader.ZetaSqlReader | None:
    return second_reader.reader() if needs_second_reader(request) else None
