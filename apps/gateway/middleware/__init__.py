"""What every request passes, outermost first: request, door, limits, idempotency."""
