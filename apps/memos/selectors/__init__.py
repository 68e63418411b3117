"""Reads of the memos app."""
