"""What stands at the door: request ids, checks, health, metrics, home."""
