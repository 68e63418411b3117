"""Reads of the workflow engine."""
