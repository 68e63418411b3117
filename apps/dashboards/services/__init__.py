"""Writes of the dashboards app, and the running of card queries."""
