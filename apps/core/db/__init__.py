"""ATOM's PostgreSQL backend (see base)."""
