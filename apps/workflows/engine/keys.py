"""Canonical JSON and the keys made from it: run key, idempotency key of a step, hash of an output."""

import hashlib
import json
from collections.abc import Mapping
from uuid import UUID


def canonical(value: object) -> str:
    """One text per JSON value: keys sorted, no spaces, NaN refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_of(value: object) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def run_key(flow: str, tenant_id: UUID, input_hash: str, logical_key: str | None = None) -> str:
    """Two starts with this key at the same time are one run. A caller's logical key replaces the input's hash."""
    return sha256_of([flow, str(tenant_id), logical_key or input_hash])


def step_input_hash(run_input: object, outputs: Mapping[str, str], *, sampling: bool) -> str:
    """`outputs` are the output hashes of the steps this one depends on."""
    return sha256_of({"input": run_input, "outputs": dict(outputs), "sampling": sampling})


def idempotency_key(tenant_id: UUID, run_id: UUID, step_name: str, input_hash: str) -> str:
    return f"{tenant_id}:{run_id}:{step_name}:{input_hash}"
