"""The token without which no decision can be made. Only contracts and services.gate import it."""

from typing import Final

SEAL: Final = object()
