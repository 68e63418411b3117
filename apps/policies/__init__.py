"""The policy gate: SQL safety, cost, PII, approvals, secrets, limits."""
