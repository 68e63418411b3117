"""Memo packet, generation, validation, week-over-week."""
