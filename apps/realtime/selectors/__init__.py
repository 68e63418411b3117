"""What the hub reads: a topic's history."""
