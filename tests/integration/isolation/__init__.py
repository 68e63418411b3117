"""Isolation, proven: every route of the URL configuration against every kind of caller, and many tenants at once."""
