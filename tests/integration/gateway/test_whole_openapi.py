"""Every operation of the OpenAPI document with generated input: no answer is a fault of ours.

The document is the one that programs read, so an operation that is added is asked the day it appears. More examples an
operation: ATOM_OPENAPI_EXAMPLES.
"""

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.openapi import from_dict

from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from tests.support import cast

EXAMPLES = int(os.environ.get("ATOM_OPENAPI_EXAMPLES", "2"))
# They end the caller's login or workspace, or start minutes of work; tests of their own cover them.
LEFT_OUT = ("/auth/logout", "/auth/sessions", "/tenants/purge", "/tenants/exports", "/warehouse/demo")


@pytest.fixture(scope="module")
def frida(world: dict[str, TenantRef]) -> Iterator[Actor]:
    with cast.temporary_tenant() as tenant:
        yield cast.actor(f"frida@{tenant.slug}.test", tenant)


def _operations(client: Any) -> list[Any]:
    document = from_dict(client.get("/api/schema/?format=json").json())
    found = [result.ok() for result in document.get_all_operations()]
    return [each for each in found if not any(part in each.path for part in LEFT_OUT)]


def test_no_operation_answers_generated_input_with_a_fault(frida: Actor) -> None:
    client = cast.api_client(frida)
    faults: dict[str, tuple[int, bytes]] = {}
    operations = _operations(client)
    for operation in operations:
        _ask(client, operation, faults)
    assert len(operations) > 100
    assert faults == {}


def _ask(client: Any, operation: Any, faults: dict[str, tuple[int, bytes]]) -> None:
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def ask(case: Any) -> None:
        response = _send(client, case)
        if response.status_code >= 500 and response.status_code != 503:
            faults[f"{case.method} {case.path}"] = (response.status_code, response.content[:300])

    ask()


def _send(client: Any, case: Any) -> Any:
    body = json.dumps(case.body) if isinstance(case.body, dict | list) else ""  # integers of any size
    query = urlencode(case.query or {}, doseq=True)
    return client.generic(case.method.upper(), case.formatted_path, body, "application/json", QUERY_STRING=query)
