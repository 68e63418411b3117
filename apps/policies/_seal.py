"""The token without which no decision can be made. Imported by contracts and services.gate alone (architecture test)."""

from typing import Final

SEAL: Final = object()
