"""Tables of the door."""

from apps.gateway.models.answers import KeptAnswer

__all__ = ["KeptAnswer"]
