"""Tenants, domains, users, memberships, tokens, provisioning, migration runner."""
