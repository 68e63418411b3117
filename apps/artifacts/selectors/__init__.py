"""Reads of the artifacts app."""
