"""The Data Studio modules."""
