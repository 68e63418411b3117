"""The only code of `datasources` that speaks to an outside system."""
