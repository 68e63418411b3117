"""Models of the audit app: in every tenant's schema, and once in `public` for what has no tenant."""

from apps.audit.models.entries import Entry, Person
from apps.audit.models.outbox import OutboxEvent
from apps.audit.models.retention import RetainedChain, Retention

__all__ = ["Entry", "OutboxEvent", "Person", "RetainedChain", "Retention"]
