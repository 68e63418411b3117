"""What cannot start says so in one line that names it."""

import socket
from pathlib import Path

import pytest

from atom_project.runtime import places, ports, web
from atom_project.runtime.__main__ import main
from atom_project.runtime.errors import StartError


@pytest.mark.parametrize("value", ["x", "0", "65536", "-1", "80.5"])
def test_a_bad_port_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(StartError, match=f"PORT={value} is not a port"):
        ports.public()


def test_a_taken_port_says_so_and_tells_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartError, match=rf"Port {port} cannot be used .*PORT={port + 1} make run"):
            web.listen("127.0.0.1", port)


def test_a_free_port_is_chosen_beside_a_taken_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert ports.choose(taken) != taken


def test_a_preferred_port_is_kept_when_free() -> None:
    port = ports.choose()
    assert ports.choose(port) == port


def test_a_state_folder_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("ATOM_STATE_DIR", str(file / "state"))
    assert main(["status"]) == 1
    assert str(file) in capsys.readouterr().err


def test_the_log_folder_follows_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOG_DIR", str(tmp_path / "my logs"))
    assert places.log_dir(tmp_path) == tmp_path / "my logs"
    assert (tmp_path / "my logs").is_dir()
