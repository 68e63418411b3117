"""Reads of storage."""
