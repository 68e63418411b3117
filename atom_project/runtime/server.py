"""What the guardian needs to know of an embedded server, and the files the two sides share."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Protocol

from atom_project.runtime.keys import write_private
from atom_project.runtime.places import Account


class EmbeddedServer(Protocol):
    """A server binary with a data folder. Methods are called in this order, by one guardian at a time."""

    name: str
    home: Path
    account: Account
    stop_signal: int

    def prepare(self) -> None:
        """Make the data folder when missing and clear what a hard kill left behind."""
        ...

    def command(self, port: int) -> list[str]:
        """The argument list; holds no secret."""
        ...

    def feed(self, port: int) -> str:
        """What to write to standard input: the place for secrets."""
        ...

    def is_ready(self, port: int) -> bool:
        """Whether the server answers an authenticated request."""
        ...

    def furnish(self, port: int) -> None:
        """Make what must exist inside the running server (roles, databases); idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class Status:
    """What a guardian tells everybody about its server."""

    state: str  # starting | ready | failed
    port: int = 0
    pid: int = 0
    guardian: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The small files of one server through which guardian and users of the server meet."""

    folder: Path
    name: str

    @property
    def hold(self) -> Path:
        """Locked shared by everybody who uses the server."""
        return self.folder / f"{self.name}.hold"

    @property
    def guardian(self) -> Path:
        """Locked by the one guardian."""
        return self.folder / f"{self.name}.guardian"

    @property
    def pin(self) -> Path:
        """Exists while the server shall stay up without a user."""
        return self.folder / f"{self.name}.pinned"

    @property
    def log(self) -> Path:
        """What guardian and server print."""
        return self.folder / f"{self.name}.log"

    @property
    def _status(self) -> Path:
        return self.folder / f"{self.name}.json"

    def read(self) -> Status | None:
        """The last word of the guardian, None when there is none."""
        try:
            return Status(**json.loads(self._status.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, status: Status) -> None:
        """Tell everybody; atomic."""
        write_private(self._status, json.dumps(asdict(status)))

    def open_log(self) -> IO[bytes]:
        """The log, opened to append; started anew beyond 20 MB."""
        if self.log.exists() and self.log.stat().st_size > 20_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.open("ab")

    def log_tail(self, lines: int = 8) -> str:
        """The last lines of the log, for an error message."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def desk(state: Path, name: str) -> Desk:
    """The desk of a server, its folder made when missing."""
    folder = state / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Desk(folder, name)
