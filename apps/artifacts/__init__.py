"""Versioned artifacts, lineage, diff, feedback."""
