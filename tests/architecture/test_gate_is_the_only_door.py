"""Nothing runs SQL for a user without the gate's decision: it alone makes one, and connectors take nothing else."""

import ast
import copy
import dataclasses
import inspect
import pickle
from pathlib import Path
from uuid import uuid4

import pytest

from apps.core.actor import Actor
from apps.datasources.connectors.postgres.connector import PostgresConnector
from apps.datasources.connectors.sandbox.connector import SandboxConnector
from apps.policies import contracts
from apps.policies._seal import SEAL
from apps.policies.contracts import Allow, Block, Dialect, ExecutionRequest, NeedsApproval, Purpose, Rewrite, TargetKind

ROOT = Path(__file__).parents[2]
SOURCES = [path for folder in ("apps", "celery_app", "atom_project") for path in (ROOT / folder).rglob("*.py")]
DECISIONS = (Allow, Rewrite, NeedsApproval, Block)
MAY_IMPORT_SEAL = {
    "apps/policies/contracts.py",
    "apps/policies/services/gate.py",
    "apps/policies/services/permits.py",  # makes again what the gate made and this module sealed
}
MAY_EXECUTE = {"apps/datasources/services/execution.py"}
# Opening a connection to a tenant's own database: the connector, and the two places that make it and its demo tables.
# The others log in to ATOM's own database with statements of ours alone: migrations as the owner, an export's snapshot
# (read only, as the tenant's role), and the look whether sessions are shared.
MAY_CONNECT = {
    "apps/studio/services/project.py",
    "apps/studio/services/demo.py",
    "apps/tenancy/services/migrations/connections.py",
    "apps/gateway/services/exports/tables.py",
    "apps/core/db/pooler.py",
}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def request() -> ExecutionRequest:
    return ExecutionRequest(
        actor=Actor.system(None), connector="postgres", dialect=Dialect.POSTGRES, sql="SELECT 1", purpose=Purpose.READ,
        datasource_id=uuid4(), target=TargetKind.STUDIO_PROJECT,
    )  # fmt: skip


def fields_of(kind: type) -> dict[str, object]:
    common = {"request": request(), "sql": "SELECT 1", "query_hash": "x", "policy_version": "1"}
    extra = {"row_limit": 1, "timeout_ms": 1} if kind in (Allow, Rewrite) else {}
    return {**common, **extra, **({"kinds": ()} if kind is NeedsApproval else {})}


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_cannot_be_made_without_the_seal(kind: type) -> None:
    with pytest.raises(contracts.ForgedDecisionError):
        kind(seal=object(), **fields_of(kind))
    with pytest.raises(TypeError):
        kind(**fields_of(kind))


def test_a_decision_can_be_neither_changed_nor_copied_nor_sent() -> None:
    permit = Allow(seal=SEAL, **fields_of(Allow))  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        permit.sql = "DROP TABLE x"  # type: ignore[misc]
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(permit, sql="DROP TABLE x")
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(permit)


def test_only_the_gate_and_the_contracts_know_the_seal() -> None:
    users = {relative(path) for path in SOURCES if "_seal" in path.read_text() and path.name != "_seal.py"}
    assert {path for path in users if _imports_seal(ROOT / path)} == MAY_IMPORT_SEAL


def _imports_seal(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return "apps.policies._seal" in modules | names


def test_nothing_reaches_around_the_frozen_values() -> None:
    """A class may write into itself while it is made; nobody writes into a decision."""
    for path in SOURCES:
        for line in path.read_text().splitlines():
            assert "object.__setattr__(" not in line or "__setattr__(self," in line, f"{relative(path)}: {line.strip()}"


@pytest.mark.parametrize("connector", [PostgresConnector, SandboxConnector])
def test_connectors_execute_permits_and_nothing_else(connector: type) -> None:
    parameters = inspect.signature(connector.execute).parameters  # type: ignore[attr-defined]
    assert list(parameters)[1] == "permit"
    assert parameters["permit"].annotation in (contracts.Permit, "Permit", "contracts.Permit")


def test_only_execution_calls_a_connectors_execute() -> None:
    callers = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _is_connector_call(node):
                callers.add(relative(path))
    assert callers == MAY_EXECUTE


def _is_connector_call(call: ast.Call) -> bool:
    named = isinstance(call.func, ast.Attribute) and call.func.attr == "execute"
    return named and any(keyword.arg == "job_id" for keyword in call.keywords)


def test_drivers_are_opened_in_known_places_only() -> None:
    found = set()
    for path in SOURCES:
        name = relative(path)
        if "/connectors/" in name or name.startswith("atom_project/runtime/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"psycopg.connect", "duckdb.connect"}:
                found.add(name)
    assert found <= MAY_CONNECT, found - MAY_CONNECT
