"""One JSON line a request in the process's log file, beside the lines of structlog and of the same shape.

It is written without the general pipeline (which costs as much as a query) because every field is known here: paths
are redacted, query strings and bodies are never logged.
"""

import logging
import logging.handlers
from functools import cache
from typing import Any, Final

import orjson

from apps.core import clock
from apps.core.redaction import redact_text

_NAME: Final = "atom.access"


@cache
def _logger() -> logging.Logger:
    """The access logger, writing to the file that the root logger writes to."""
    logger = logging.getLogger(_NAME)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            ours = logging.handlers.WatchedFileHandler(handler.baseFilename, delay=True)
            ours.setFormatter(logging.Formatter("%(message)s"))
            logger.addHandler(ours)
            logger.propagate = False
    return logger


def write(fields: dict[str, Any]) -> None:
    """Append one line; `fields` hold plain values."""
    logger = _logger()
    if not logger.isEnabledFor(logging.INFO):
        return
    fields["path"] = redact_text(fields["path"])
    fields |= {"event": "request", "level": "info", "logger": _NAME, "timestamp": clock.now()}
    logger.info(orjson.dumps(fields, default=str, option=orjson.OPT_UTC_Z).decode())
