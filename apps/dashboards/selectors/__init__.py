"""Reads of the dashboards app."""
