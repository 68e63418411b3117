"""The only code of `policies` that speaks to Redis and to the second reader."""
