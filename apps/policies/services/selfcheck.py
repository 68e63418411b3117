"""Whether real execution is open: the flag of the environment, and a passed self-check of this code version."""

from apps.policies.contracts import Finding, Outcome
from atom_project.config import config


def closed_because() -> Finding | None:
    """Why a live warehouse or a foreign Postgres may not be touched now; None when it may.

    Fails closed: no self-check of this version has been stored as PASS yet, so the flag alone opens nothing.
    """
    if not config.real_execution:
        message, remedy = "Real execution is switched off.", "An operator sets ALLOW_REAL_QUERY_EXECUTION=true."
    else:
        message, remedy = "The gate's self-check is not PASS for this version.", "Run manage.py gate_selfcheck."
    return Finding("real_execution", Outcome.BLOCK, message, remedy)
