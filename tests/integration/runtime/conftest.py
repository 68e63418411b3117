"""Installations of their own in temporary folders: the shared servers are never touched here."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.runtime.installation import Installation


@pytest.fixture(autouse=True)
def _world_where_needed() -> None:
    """These tests start servers themselves; the suite's database is not needed."""


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Servers in a folder with spaces, shared by the tests of a module."""
    yield from _made()


@pytest.fixture
def fresh_installation() -> Iterator[Installation]:
    """Servers of one test."""
    yield from _made()


def _made() -> Iterator[Installation]:
    parent = Path(tempfile.mkdtemp(prefix="atom state "))
    parent.chmod(0o711)  # root's servers run as an account of their own
    made = Installation(parent / "the state")
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(parent)
