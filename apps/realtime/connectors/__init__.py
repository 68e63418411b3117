"""The only code of this app that speaks to Redis."""
