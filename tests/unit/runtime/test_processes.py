"""The process table."""

import pytest

from atom_project.runtime import environment, processes


def test_the_four_processes_are_there_and_web_starts_first() -> None:
    assert processes.NAMES == ("web", "worker", "beat", "sources")


@pytest.mark.parametrize("name", sorted(environment.WITHOUT_ADMIN))
def test_only_workers_hold_the_owners_address(name: str) -> None:
    assert not processes.named(name).needs_admin


def test_a_complete_environment_needs_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    found = environment.complete({"POSTGRES_DSN": "postgresql://h/d", "REDIS_URL": "redis://h"})
    assert "POSTGRES_ADMIN_DSN" not in found
    assert "POSTGRES_DSN" not in found
    assert {"JWT_SECRET", "ATOM_MASTER_KEY", "ATOM_DEMO_PASSWORD", "ATOM_STATE_DIR"} <= set(found)


def test_the_production_profile_gets_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATOM_PROFILE", "production")
    monkeypatch.delenv("JWT_SECRET", raising=False)
    environment.load()
    assert "JWT_SECRET" not in environment.os.environ
