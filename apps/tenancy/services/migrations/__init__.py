"""The tenant-aware migration runner: plan, run in parallel, report (ADR 002)."""
