"""Where an installation keeps its state and its logs, and under which account its servers run.

An ordinary user keeps everything in `.atom/` of the checkout. Root keeps it under /var/lib/atom, because PostgreSQL
refuses to run as root and its own account must be able to reach the data; `.atom` is then a link to that folder.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from atom_project.runtime.errors import StartError

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT_HOME = Path("/var/lib/atom")
SYSTEM_LOGS = Path("/var/log/atom")
ACCOUNT_NAME = "atom"
SUITES = "suites"  # within the state folder: servers and data of the test suites
HIGHEST_SYSTEM_UID = 999


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account the embedded servers run as."""

    uid: int
    gid: int
    name: str

    @property
    def is_other(self) -> bool:
        """Whether starting a server means changing to another account."""
        return self.uid != os.geteuid()


def wheel(package: str) -> Path:
    """The folder of an installed package, which is not imported."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise StartError(f"The package {package} is not installed: run make setup.")
    return Path(next(iter(found.submodule_search_locations)))


def state_dir() -> Path:
    """The folder of everything this installation keeps; made when missing.

    Raises StartError when it belongs to somebody else or cannot be made.
    """
    chosen = os.environ.get("ATOM_STATE_DIR")
    if chosen:
        folder = Path(chosen).absolute()
    elif os.geteuid() == 0:
        folder = ROOT_HOME / hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]
    else:
        folder = CHECKOUT / ".atom"
    _make_own(folder)
    if not chosen and os.geteuid() == 0:
        _link_from_checkout(folder)
    return folder


def log_dir(state: Path) -> Path:
    """The folder of the log files: LOG_DIR, else /var/log/atom where writable, else in the state folder."""
    chosen = os.environ.get("LOG_DIR")
    folder = Path(chosen).absolute() if chosen else _first_writable(SYSTEM_LOGS, state / "logs")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"LOG_DIR={folder} cannot be made: {error.strerror}.") from error
    return folder


def server_account(state: Path) -> Account:
    """Who the embedded servers run as: the caller, or for root a system account of their own (made when missing)."""
    if os.geteuid() != 0:
        own = pwd.getpwuid(os.geteuid())
        return Account(own.pw_uid, own.pw_gid, own.pw_name)
    account = _system_account(ACCOUNT_NAME) or _make_once(ACCOUNT_NAME)
    _require_entry(state, account)
    return account


def _make_own(folder: Path) -> None:
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
        owner = folder.stat().st_uid
    except OSError as error:
        raise StartError(f"The state folder {folder} cannot be used: {error.strerror}.") from error
    if owner != os.geteuid():
        name = _account_name(owner)
        raise StartError(f"The state folder {folder} belongs to {name}: run as {name}, or set ATOM_STATE_DIR.")


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _link_from_checkout(folder: Path) -> None:
    link = CHECKOUT / ".atom"
    if link.is_symlink() and not link.exists():
        link.unlink(missing_ok=True)
    if not link.exists() and os.access(CHECKOUT, os.W_OK):
        try:
            link.symlink_to(folder)
        except FileExistsError:
            return


def _first_writable(*folders: Path) -> Path:
    for folder in folders[:-1]:
        parent = folder if folder.exists() else folder.parent
        if os.access(parent, os.W_OK):
            return folder
    return folders[-1]


def _system_account(name: str) -> Account | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    if not 0 < found.pw_uid <= HIGHEST_SYSTEM_UID:
        raise StartError(f"The account {name} exists and is a person's: run as that person instead of root.")
    return Account(found.pw_uid, found.pw_gid, name)


def _make_once(name: str) -> Account:
    """useradd does not guard against itself: two at once give one account two uids."""
    ROOT_HOME.mkdir(parents=True, exist_ok=True)
    lock = os.open(ROOT_HOME, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _system_account(name) or _make_system_account(name)
    finally:
        os.close(lock)


def _make_system_account(name: str) -> Account:
    tool = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if tool is None:
        raise StartError(f"PostgreSQL does not run as root: add a system account named {name}, or run as a user.")
    subprocess.run(
        [
            tool,
            *("--system", "--user-group", "--no-create-home"),
            *("--home-dir", str(ROOT_HOME)),
            *("--shell", "/usr/sbin/nologin"),
            name,
        ],
        capture_output=True,
        check=False,
    )
    account = _system_account(name)
    if account is None:
        raise StartError(f"The system account {name} cannot be made with {tool}: add it, or run as a user.")
    return account


def _require_entry(folder: Path, account: Account) -> None:
    probe = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        check=False,
        cwd="/",
    )
    if probe.returncode != 0:
        raise StartError(
            f"The state folder {folder} cannot be entered by the account {account.name} that the embedded servers "
            "run as: set ATOM_STATE_DIR to a folder it can enter."
        )
