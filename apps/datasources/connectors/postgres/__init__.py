"""Postgres: reads under a tenant's own LOGIN role, over connections that are never ATOM's own."""
