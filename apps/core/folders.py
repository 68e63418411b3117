"""Looking at folders that others write to: what goes away meanwhile is left out, it is no error."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def files_below(folder: Path, prefix: str = "") -> Iterator[tuple[Path, os.stat_result]]:
    """Every regular file below `folder` with its facts, in no order; none where there is no such folder.

    Only those whose path from there, with slashes, begins with `prefix`: nothing is asked of the others.
    """
    for place, inner, names in os.walk(folder):
        here = Path(place).relative_to(folder).as_posix() + "/"
        at = "" if here == "./" else here
        inner[:] = [name for name in inner if _may_hold(f"{at}{name}/", prefix)]
        for path in (Path(place, name) for name in names if f"{at}{name}".startswith(prefix)):
            try:
                facts = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(facts.st_mode):
                yield path, facts


def _may_hold(folder: str, prefix: str) -> bool:
    return folder.startswith(prefix) or prefix.startswith(folder)


def folders_in(folder: Path) -> Iterator[tuple[Path, float]]:
    """The folders directly in `folder` with the moment of their last change (seconds), in no order."""
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path), entry.stat(follow_symlinks=False).st_mtime
            except FileNotFoundError:
                continue
