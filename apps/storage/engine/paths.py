"""Names of objects: `bucket/key`, checked so that no trick leaves the folder of the tenant."""

import re
from dataclasses import dataclass
from typing import Final

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_SEGMENT: Final = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")
_MAX_KEY_BYTES: Final = 800


class BadPathError(ValueError):
    """The text is no `bucket/key`; the message says why."""


@dataclass(frozen=True, slots=True)
class ObjectPath:
    """A checked name."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{self.bucket}/{self.key}"


def is_bucket(name: str) -> bool:
    """Whether `name` can be a bucket: 3 to 63 lower-case letters, digits and hyphens."""
    return _BUCKET.fullmatch(name) is not None


def parse(text: str) -> ObjectPath:
    """The object that `text` names; raises BadPathError."""
    bucket, _, key = text.partition("/")
    if not is_bucket(bucket):
        raise BadPathError("A bucket is 3 to 63 lower-case letters, digits and hyphens.")
    if not key or len(key.encode("utf-8", "replace")) > _MAX_KEY_BYTES:
        raise BadPathError(f"A key is 1 to {_MAX_KEY_BYTES} bytes.")
    for segment in key.split("/"):
        if segment in (".", "..") or segment.startswith("~") or not _SEGMENT.fullmatch(segment):
            raise BadPathError("A key has no empty, “.”, “..” or hidden control parts, and no backslash.")
        if len(segment.encode("utf-8", "replace")) > 200:
            raise BadPathError("A part of a key is at most 200 bytes.")
    return ObjectPath(bucket, key)
