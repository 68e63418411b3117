"""Errors, ids, clock, paging, problem+json, base models, Actor, tenant context, database backend."""
