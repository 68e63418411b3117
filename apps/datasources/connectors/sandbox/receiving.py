"""Takes a file in: streamed to the tenant's staging folder, unpacked, and text turned into UTF-8."""

import codecs
import shutil
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from apps.core.errors import InvalidInput, TooLarge, UnsupportedMedia
from apps.datasources.enums import UploadFormat

_BLOCK: Final = 1 << 20
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EXTENSIONS: Final = {
    ".csv": UploadFormat.CSV, ".tsv": UploadFormat.CSV, ".txt": UploadFormat.CSV, ".jsonl": UploadFormat.JSON,
    ".ndjson": UploadFormat.JSON, ".json": UploadFormat.JSON, ".parquet": UploadFormat.PARQUET,
    ".pq": UploadFormat.PARQUET,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Received:
    """A staged file: UTF-8 text or Parquet."""

    path: Path
    format: UploadFormat
    bytes: int
    encoding: str


def receive(chunks: Iterable[bytes], folder: Path, *, filename: str, limit: int) -> Received:
    """Stage what `chunks` give. Raises TooLarge past `limit` (unpacked), UnsupportedMedia for what we cannot read."""
    folder.mkdir(parents=True)
    try:
        raw = folder / "received"
        size = _written(_unpacked(chunks), raw, limit)
        if not size:
            raise InvalidInput("The file is empty.", code="EMPTY_FILE")
        kind = _format(raw, filename)
        encoding = "binary" if kind is UploadFormat.PARQUET else _as_utf8(raw)
        return Received(raw, kind, raw.stat().st_size, encoding)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _written(chunks: Iterable[bytes], path: Path, limit: int) -> int:
    size = 0
    with path.open("wb") as target:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise TooLarge(f"The file is larger than {limit // (1 << 20)} MB.", extra={"limit_bytes": limit})
            target.write(chunk)
    return size


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Gzip is unpacked in blocks, so that a small file cannot grow without bound before the limit sees it."""
    source = iter(chunks)
    first = next(source, b"")
    if not first.startswith(b"\x1f\x8b"):
        yield first
        yield from source
        return
    unpack = zlib.decompressobj(wbits=31)
    for chunk in _chain(first, source):
        waiting = chunk
        while waiting:
            try:
                yield unpack.decompress(waiting, _BLOCK)
            except zlib.error as error:
                raise InvalidInput("The gzip file is damaged.", code="BROKEN_FILE") from error
            waiting = unpack.unconsumed_tail
            if unpack.eof and unpack.unused_data:
                waiting, unpack = unpack.unused_data, zlib.decompressobj(wbits=31)
    if not unpack.eof:
        raise InvalidInput("The gzip file ends too early.", code="BROKEN_FILE")


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _format(path: Path, filename: str) -> UploadFormat:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PAR1"):
        return UploadFormat.PARQUET
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnsupportedMedia(
            "This is an Excel workbook or a ZIP archive.", code="UNSUPPORTED_FILE",
            next_steps=["Save the sheet as CSV (UTF-8), or unpack the archive, and upload that."],
        )  # fmt: skip
    named = next(
        (kind for end, kind in _EXTENSIONS.items() if filename.lower().removesuffix(".gz").endswith(end)), None
    )
    if named is UploadFormat.PARQUET:
        raise InvalidInput("The file is called Parquet but is none.", code="BROKEN_FILE")
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnsupportedMedia(
            "This is a binary file of a kind that cannot be loaded.", code="UNSUPPORTED_FILE",
            next_steps=["Upload CSV, JSON lines or Parquet."],
        )  # fmt: skip
    if named is not None:
        return named
    return UploadFormat.JSON if head.lstrip()[:1] in {b"{", b"["} else UploadFormat.CSV


def _as_utf8(path: Path) -> str:
    """Rewrite the file as UTF-8 without a mark, if it is something else; returns what it was."""
    with path.open("rb") as stream:
        head = stream.read(4)
    encoding = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    if not encoding:
        encoding = "utf-8" if _is_utf8(path) else "cp1252"
    if encoding != "utf-8":
        _transcoded(path, encoding)
    return encoding


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            for block in _blocks(stream):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _transcoded(path: Path, encoding: str) -> None:
    fresh = path.with_suffix(".utf8")
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as source, fresh.open("wb") as target:
        for block in _blocks(source):
            target.write(decoder.decode(block).encode())
        target.write(decoder.decode(b"", final=True).encode())
    fresh.replace(path)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block
