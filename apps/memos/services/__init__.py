"""Writes of the memos app."""
