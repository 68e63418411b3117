"""The measurement behind ADR-006: one bare Django view under every candidate server. See measure.py."""
