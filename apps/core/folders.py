"""Looking at folders that others write to: what goes away meanwhile is left out, it is no error."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def files_below(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Every regular file below `folder` with its facts, in no order; none where there is no such folder."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                facts = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(facts.st_mode):
                yield path, facts


def folders_in(folder: Path) -> Iterator[tuple[Path, float]]:
    """The folders directly in `folder` with the moment of their last change (seconds), in no order."""
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path), entry.stat(follow_symlinks=False).st_mtime
            except FileNotFoundError:
                continue
