"""What a WSGI application sees of a request: the environ of an ASGI scope, and files in large blocks."""

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

Message = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
BLOCK_SIZE = 256 * 1024


class FileBlocks:
    """`wsgi.file_wrapper`: a file in large blocks, whatever block size the framework proposes."""

    streaming = True

    def __init__(self, file: Any, block_size: int = BLOCK_SIZE) -> None:
        self._file = file
        self._block_size = max(block_size, BLOCK_SIZE)

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(self._block_size):
            yield block

    def close(self) -> None:
        """Close the file where it can be closed."""
        if hasattr(self._file, "close"):
            self._file.close()


def environ(scope: Message, body: Any) -> dict[str, Any]:
    """The environ of PEP 3333. Headers spelled with an underscore are left out."""
    host, port = scope.get("server") or ("localhost", 80)
    raw_path = scope.get("raw_path")
    path = unquote_to_bytes(raw_path) if raw_path else scope["path"].encode("utf-8", "surrogateescape")
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope.get("client") else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileBlocks,
    }
    _add_headers(made, scope["headers"])
    return made


def _add_headers(environ: dict[str, Any], headers: Headers) -> None:
    for raw_name, raw_value in headers:
        if b"_" in raw_name:  # would collide with the header spelled with dashes
            continue
        name = raw_name.decode("latin1").upper().replace("-", "_")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = f"HTTP_{name}"
        value = raw_value.decode("latin1")
        if name in environ:
            value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
        environ[name] = value
