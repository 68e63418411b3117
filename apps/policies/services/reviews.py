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

_CACHED: Final = 2_000

_reviews: "OrderedDict[tuple[Any, ...], Review]" = OrderedDict()
_lock = Lock()


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
            return known
    made = safety.review(request.sql, context, second=_second(request))
    with _lock:
        _reviews[key] = made
        while len(_reviews) > _CACHED:
            _reviews.popitem(last=False)
    return made


def _second(request: ExecutionRequest) -> second_reader.ZetaSqlReader | None:
    """Real BigQuery execution needs the second reader; stand-ins do without."""
    needed = request.dialect is Dialect.BIGQUERY and request.target is TargetKind.LIVE_WAREHOUSE
    return second_reader.reader() if needed else None
