"""Streams that are made while they are read: whatever the size of the data, memory holds one block."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, cast

BLOCK = 256 * 1024
Entry = tuple[str, Callable[[], Iterable[bytes]]]
Hashes = list[tuple[str, int, str]]


class Reader:
    """A `read(n)` over an iterator of blocks: what `storage` takes."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._left = bytes(block)
        if size < 0 or size >= len(self._left):
            taken, self._left = self._left, b""
        else:
            taken, self._left = self._left[:size], self._left[size:]
        return taken


def reader(blocks: Iterable[bytes]) -> BinaryIO:
    """The same, as the type that streams go by."""
    return cast("BinaryIO", Reader(blocks))


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """Blocks of an open file, which is closed at the end."""
    with file:
        while block := file.read(BLOCK):
            yield block


class _Sink:
    """Where zipfile writes to: a buffer that is emptied after each block, so the archive is never whole anywhere."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def zipped(entries: Iterable[Entry], hashes: Hashes, last: Callable[[], Entry]) -> Iterator[bytes]:
    """The archive of `entries`, block by block; each entry's size and sha256 go to `hashes`. `last` is asked for the
    last entry (the manifest) once all hashes are known."""
    sink = _Sink()
    with zipfile.ZipFile(cast("BinaryIO", sink), "w", allowZip64=True) as archive:
        for name, content in entries:
            yield from _written(archive, sink, name, content(), hashes)
        name, content = last()
        yield from _written(archive, sink, name, content(), [])
    yield sink.take()


def _written(
    archive: zipfile.ZipFile, sink: _Sink, name: str, blocks: Iterable[bytes], hashes: Hashes
) -> Iterator[bytes]:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    packed_already = name.endswith((".parquet", ".dump", ".zip", ".gz", ".png", ".jpg"))
    info.compress_type = zipfile.ZIP_STORED if packed_already else zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as out:
        for block in blocks:
            out.write(block)
            digest.update(block)
            size += len(block)
            if ready := sink.take():
                yield ready
    hashes.append((name, size, digest.hexdigest()))
    if ready := sink.take():
        yield ready
