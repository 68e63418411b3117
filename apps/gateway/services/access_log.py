"""One JSON line a request in the process's log file, beside the lines of structlog and of the same shape.

It is written without the general pipeline (which costs as much as a query) and without a record of `logging`, because
every field is known here: paths are redacted, query strings and bodies are never logged.
"""

import logging
import logging.handlers
from functools import cache
from typing import Any, Final

import orjson

from apps.core import clock
from apps.core.redaction import redact_text

_NAME: Final = "atom.access"


class _File(logging.handlers.WatchedFileHandler):
    """A log file that takes finished lines; a rotation from outside is followed, as by its base."""

    def append(self, line: bytes) -> None:
        """Write one line with its end; what the disk refuses is reported as logging does."""
        self.acquire()
        try:
            self.reopenIfNeeded()
            assert self.stream is not None
            self.stream.write(line.decode())
            self.flush()
        except OSError:
            self.handleError(logging.makeLogRecord({"name": _NAME, "msg": "the access log takes no line"}))
        finally:
            self.release()


@cache
def _file() -> _File | None:
    """The file that the root logger writes to; None where it writes to none."""
    names = [each.baseFilename for each in logging.getLogger().handlers if isinstance(each, logging.FileHandler)]
    return _File(names[0]) if names else None


def write(fields: dict[str, Any]) -> None:
    """Append one line; `fields` hold plain values."""
    logger = logging.getLogger(_NAME)
    if not logger.isEnabledFor(logging.INFO):
        return
    fields["path"] = redact_text(fields["path"])
    fields |= {"event": "request", "level": "info", "logger": _NAME, "timestamp": clock.now()}
    line = orjson.dumps(fields, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
    if file := _file():
        file.append(line)
    else:
        logger.info(line.decode().rstrip())
