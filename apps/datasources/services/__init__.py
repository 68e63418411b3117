"""Writes of `datasources`: registry, warehouse, execution, profiling, recommendations."""
