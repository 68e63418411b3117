"""What the door writes: the access log, kept answers, metrics."""
