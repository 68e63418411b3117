"""Postgres: libpg_query's tree decides (Postgres' own grammar); the user's text runs as it is."""
