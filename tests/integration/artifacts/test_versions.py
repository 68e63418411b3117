"""Versions: immutable, numbered without gaps however many write at once, added only when something changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from django.db import ProgrammingError, connection

from apps.artifacts.contracts import Edge, Node
from apps.artifacts.enums import ArtifactKind, NodeKind
from apps.artifacts.models import Artifact, ArtifactVersion
from apps.artifacts.services import versions
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef

EDGE = Edge(Node(NodeKind.TABLE, "shop.orders"), Node(NodeKind.QUERY, "abc"))


@pytest.fixture(autouse=True)
def _inside(acme: TenantRef, alice: Actor) -> Iterator[None]:
    with tenant_context.entered(acme):
        yield


@pytest.fixture
def key() -> str:
    return f"test:{new_id()}"


def store(actor: Actor, key: str, figure: int) -> versions.StoredVersion:
    return versions.store(
        ArtifactKind.EXPORT, key, title="Figures", content={"figure": figure}, lineage=[EDGE], actor=actor
    )


def test_equal_content_adds_no_version(alice: Actor, key: str) -> None:
    first, second = store(alice, key, 1), store(alice, key, 1)
    assert (first.number, first.is_new) == (1, True)
    assert (second.number, second.is_new) == (1, False)


def test_going_back_to_earlier_content_is_a_new_version(alice: Actor, key: str) -> None:
    assert [store(alice, key, figure).number for figure in (1, 2, 1)] == [1, 2, 3]


def test_many_writers_at_once_number_without_gaps_or_doubles(alice: Actor, key: str) -> None:
    def write(figure: int) -> int:
        try:
            return store(alice, key, figure).number
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=6) as pool:
        numbers = [pool.submit(copy_context().run, write, figure) for figure in range(24)]
    assert sorted(number.result() for number in numbers) == list(range(1, 25))
    assert Artifact.objects.get(logical_key=key).latest_number == 24


@pytest.mark.parametrize(
    "statement", ["UPDATE artifacts_artifactversion SET number = 9", "DELETE FROM artifacts_feedback"]
)
def test_the_database_refuses_to_change_what_was_written(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_each_version_keeps_its_own_lineage(alice: Actor, key: str) -> None:
    store(alice, key, 1)
    found = store(alice, key, 2)
    version = ArtifactVersion.objects.get(artifact_id=found.artifact_id, number=2)
    assert version.edges.count() == 1
