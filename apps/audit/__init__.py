"""The audit trail with its hash chain; the event contract and its outbox."""
