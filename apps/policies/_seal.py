"""The token without which no decision can be made. Only contracts, services.gate and services.permits import it."""

from typing import Final

SEAL: Final = object()
