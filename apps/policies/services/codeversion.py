"""Which code decides: a hash over the sources of the gate, what executes behind it, and the parts it is built from.

A commit is no measure: a working tree may differ from it, and an upgraded parser changes verdicts without a commit.
"""

import hashlib
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

_APPS: Final = Path(__file__).resolve().parents[2]
_SOURCES: Final = (
    "policies", "audit", "datasources/connectors", "datasources/services/execution.py",
    "datasources/selectors/gate_view.py", "datasources/selectors/registry.py", "core/redaction.py", "core/logging.py",
    "core/actor.py", "core/permissions.py", "core/tenant.py", "core/db",
)  # fmt: skip
_PARTS: Final = (
    "sqlglot", "pgparse", "postgast", "zetasql", "psycopg", "redis", "cryptography", "google-cloud-bigquery", "Django",
)  # fmt: skip


@cache
def current() -> str:
    """64 hex digits; read once a process, so a process keeps the version it started with."""
    digest = hashlib.sha256(f"python {sys.version_info[:2]}".encode())
    for part in _PARTS:
        digest.update(f"\n{part} {_installed(part)}".encode())
    for file in _files():
        digest.update(f"\n{file.relative_to(_APPS)} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _installed(part: str) -> str:
    try:
        return metadata.version(part)
    except metadata.PackageNotFoundError:
        return "absent"


def _files() -> list[Path]:
    found: list[Path] = []
    for name in _SOURCES:
        place = _APPS / name
        found += [place] if place.is_file() else [*place.rglob("*.py"), *place.rglob("*.jsonl")]
    return sorted(found)
