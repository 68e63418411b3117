"""SQL safety: pure functions from text to findings. No Django, no I/O, no clock; same input, same verdict.

Read in this order: guard (before any parser) → bigquery/ and postgres/ (readers and allow-lists) → rules/ → safety.
"""
