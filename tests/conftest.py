"""The suite's world: real PostgreSQL and Redis, a database of its own, the cast of two tenants.

Tests commit for real, in tenants that are made once per run; a test that needs a clean tenant makes one. Each worker
of `pytest -n` has a world of its own; set ATOM_TEST_SUFFIX to run several suites side by side on one machine.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

# The environment of the suite is fixed before anything of ATOM is imported.
SUFFIX = "-".join(
    part for part in (os.environ.get("ATOM_TEST_SUFFIX", "main"), os.environ.get("PYTEST_XDIST_WORKER")) if part
)
os.environ.setdefault("ATOM_PROFILE", "test")
os.environ["DJANGO_SETTINGS_MODULE"] = "atom_project.settings.test"
os.environ.setdefault("ATOM_DEMO_PASSWORD", "correct horse battery staple")
os.environ["ATOM_PROCESS"] = "test"

from tests.support import database  # noqa: E402 - the environment comes first

_NEEDS_WORLD = ("integration", "browser")
database.point_environment_at_test_database(SUFFIX)

import django  # noqa: E402
import pytest  # noqa: E402
from django.test import Client  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

django.setup()

# A change stands or falls by what it does: neither by the luck of an example nor by how busy the machine is. What looks
# for new examples is `make fuzz`, with the other profile.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, max_examples=1_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

from apps.core import tenant as tenant_context  # noqa: E402
from apps.core.actor import Actor  # noqa: E402
from apps.core.tenant import TenantRef  # noqa: E402
from atom_project.runtime import memory  # noqa: E402


def pytest_collection_finish() -> None:
    """The suite collects garbage as the product's processes do."""
    memory.settle()


@pytest.fixture(scope="session")
def world() -> dict[str, TenantRef]:
    """The migrated database with acme and globex and their people; made new at the start of a run."""
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    return cast.build()


@pytest.fixture(autouse=True)
def _world_where_needed(request: pytest.FixtureRequest) -> None:
    """Integration and browser tests always have the world; unit tests never touch a database."""
    if any(part in request.node.path.parts for part in _NEEDS_WORLD):
        request.getfixturevalue("world")


@pytest.fixture
def acme(world: dict[str, TenantRef]) -> TenantRef:
    """The tenant of alice, bob and carol."""
    return world["acme"]


@pytest.fixture
def globex(world: dict[str, TenantRef]) -> TenantRef:
    """The other tenant, mallory's."""
    return world["globex"]


def _person(email: str, tenant: TenantRef) -> Actor:
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    return cast.actor(email, tenant)


@pytest.fixture
def alice(acme: TenantRef) -> Actor:
    """Admin of acme."""
    return _person("alice@acme.test", acme)


@pytest.fixture
def bob(acme: TenantRef) -> Actor:
    """Member of acme."""
    return _person("bob@acme.test", acme)


@pytest.fixture
def carol(acme: TenantRef) -> Actor:
    """Viewer of acme."""
    return _person("carol@acme.test", acme)


@pytest.fixture
def mallory(globex: TenantRef) -> Actor:
    """Admin of globex, who must see nothing of acme."""
    return _person("mallory@globex.test", globex)


@pytest.fixture
def api(world: dict[str, TenantRef]) -> Callable[[Actor | None], Any]:
    """`api(actor)` is an API client with the actor's bearer token; `api(None)` has none."""
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    return cast.api_client


@pytest.fixture
def browser_client(world: dict[str, TenantRef]) -> Callable[[Actor], Client]:
    """`browser_client(actor)` is a Django client with a session; pages live under `/t/<slug>/`."""
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    return cast.page_client


@pytest.fixture
def in_tenant() -> Callable[[TenantRef], AbstractContextManager[None]]:
    """`with in_tenant(acme):` enters a tenant."""
    return tenant_context.entered


@pytest.fixture
def fresh_tenant(world: dict[str, TenantRef]) -> Iterator[TenantRef]:
    """A tenant of the test's own, with frida as its admin; removed afterwards."""
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    with cast.temporary_tenant() as tenant:
        yield tenant


@pytest.fixture(scope="module")
def shared_tenant(world: dict[str, TenantRef]) -> Iterator[TenantRef]:
    """A tenant of the module's own, with frida as its admin; whoever shares it empties it between tests."""
    from tests.support import cast  # noqa: PLC0415 - needs Django set up

    with cast.temporary_tenant() as tenant:
        yield tenant
