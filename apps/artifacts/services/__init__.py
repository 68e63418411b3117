"""Writes of the artifacts app."""
