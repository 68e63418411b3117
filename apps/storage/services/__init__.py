"""Writes of storage."""
