"""What the door reads: readiness of every part."""
