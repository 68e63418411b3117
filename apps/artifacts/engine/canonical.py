"""One spelling for one content: sorted keys, no blanks, UTF-8; its SHA-256 is the content's identity."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(content: Mapping[str, Any]) -> bytes:
    """Bytes that are equal exactly when the contents are; NaN and infinities are refused."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(content: Mapping[str, Any]) -> str:
    """Hex SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical_json(content)).hexdigest()
