"""Faults on order: the n-th call of a kind fails with a given code, or every call is slow. Same plan, same behaviour.

Counts live in the process; restarting it, or changing the datasource's configuration, starts them anew.
"""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.core.errors import AtomError, Forbidden, LimitReached, QueryTimeout, Upstream

PARTIAL = "PARTIAL_RESULTS"
_lock = threading.Lock()
_calls: Counter[tuple[UUID | None, str, str]] = Counter()


def apply(datasource_id: UUID | None, mock: Mapping[str, Any], call: str) -> bool:
    """Wait and raise as planned; True when this call is to give only part of its rows."""
    if not mock:
        return False
    if latency := int(mock.get("latency_ms", 0)):
        time.sleep(latency / 1000)
    planned = [fault for fault in mock.get("faults", ()) if fault["on"] == call]
    if not planned:
        return False
    with _lock:
        key = (datasource_id, call, repr(sorted(mock.items(), key=str)))
        _calls[key] += 1
        number = _calls[key]
    code = next((fault["code"] for fault in planned if fault["nth"] == number), None)
    if code is None or code == PARTIAL:
        return code == PARTIAL
    raise _error(code)


def _error(code: str) -> AtomError:
    if code == "TIMEOUT":
        return QueryTimeout("The query ran longer than its limit (a fault on order).")
    if code == "QUOTA_EXCEEDED":
        return LimitReached("The warehouse's quota is used up (a fault on order).", code=code, retry_after=60)
    if code == "PERMISSION_DENIED":
        return Forbidden("The warehouse refuses access (a fault on order).", code=code)
    text = "an answer nobody can read" if code == "MALFORMED_RESPONSE" else "a passing error"
    return Upstream(f"The warehouse gave {text} (a fault on order).", code=code)
