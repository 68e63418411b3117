"""Profiling maths: the statements that measure a table, and the facts read from their results. Pure."""
