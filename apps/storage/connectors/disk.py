"""Objects as files below `<state>/objects/<tenant>/<bucket>/`, written aside and renamed: all or nothing is seen.

Never follows a symbolic link; names were checked by engine.paths.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from apps.core import folders
from apps.storage.engine.paths import ObjectPath
from atom_project.config import config

BLOCK: Final = 256 * 1024
_ASIDE: Final = ".incoming"


class OverLimitError(Exception):
    """The stream is longer than allowed; nothing was kept."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Facts about an object."""

    key: str
    size: int
    modified_at: datetime


def root_of(tenant_id: UUID) -> Path:
    """The folder of a tenant; purge removes it."""
    return config.state_dir / "objects" / tenant_id.hex


def write(tenant_id: UUID, path: ObjectPath, stream: BinaryIO, *, limit: int) -> tuple[int, str]:
    """Store the stream; its size and sha256. Raises OverLimitError and leaves what was there."""
    target = _file(tenant_id, path)
    aside = root_of(tenant_id) / _ASIDE
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=aside)
    try:
        with os.fdopen(handle, "wb") as file:
            size, digest = _copy(stream, file, limit)
            file.flush()
            os.fsync(file.fileno())
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(name, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    return size, digest


def _copy(stream: BinaryIO, file: BinaryIO, limit: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > limit:
            raise OverLimitError
        digest.update(block)
        file.write(block)
    return size, digest.hexdigest()


def read(tenant_id: UUID, path: ObjectPath) -> tuple[BinaryIO, StoredObject]:
    """The open file and its facts; raises FileNotFoundError."""
    try:
        handle = os.open(_file(tenant_id, path), os.O_RDONLY | os.O_NOFOLLOW)
    except (NotADirectoryError, IsADirectoryError, OSError) as error:
        raise FileNotFoundError(str(path)) from error
    file = os.fdopen(handle, "rb")
    facts = os.fstat(handle)
    return file, StoredObject(path.key, facts.st_size, _moment(facts.st_mtime))


def delete(tenant_id: UUID, path: ObjectPath) -> bool:
    """Remove the object and folders it leaves empty; False when there was none."""
    target = _file(tenant_id, path)
    try:
        target.unlink()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return False
    for folder in target.parents:
        if folder == root_of(tenant_id) / path.bucket:
            break
        try:
            folder.rmdir()
        except OSError:
            break
    return True


def listing(tenant_id: UUID, bucket: str, prefix: str) -> Iterator[StoredObject]:
    """Objects of a bucket whose key begins with `prefix`, by key."""
    base = root_of(tenant_id) / bucket
    found = [
        StoredObject(file.relative_to(base).as_posix(), facts.st_size, _moment(facts.st_mtime))
        for file, facts in folders.files_below(base, prefix)
    ]
    return iter(sorted(found, key=lambda each: each.key))


def remove_all(tenant_id: UUID) -> None:
    """Everything of a tenant."""
    shutil.rmtree(root_of(tenant_id), ignore_errors=True)


def _file(tenant_id: UUID, path: ObjectPath) -> Path:
    return root_of(tenant_id) / path.bucket / path.key


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
