"""Searches for texts on which the two readers of BigQuery SQL disagree. Bounded; run by `make fuzz`."""
