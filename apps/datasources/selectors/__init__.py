"""Reads of `datasources`, permission-checked."""
