"""Structured logs: JSON lines to `LOG_DIR/<process>.log`, short lines to the terminal, secrets never (`redaction`)."""

import logging
import logging.config
import os
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from apps.core import redaction

_INNER = frozenset({"_record", "_from_structlog", "exc_info"})  # structlog's own, gone before anything is written


class RedactingFilter(logging.Filter):
    """For handlers whose formatter is not ours: the message of a record without secrets, its arguments folded in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; never drops one."""
        if isinstance(record.msg, str):
            record.msg, record.args = redaction.redact_text(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = redaction.redact_text(logging.Formatter().formatException(record.exc_info))
        return True


def redact_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: no secret, by name, by value or by shape, leaves through a log line."""
    inner = {name: event[name] for name in _INNER if name in event}
    told = {name: value for name, value in event.items() if name not in _INNER} if inner else event
    clean = redaction.clean_json(told)
    return {**clean, **inner} if inner else clean


def log_folder(log_dir: Path | None, state_dir: Path) -> Path:
    """The first writable of LOG_DIR, /var/log/atom, `<state>/logs`."""
    candidates = [log_dir] if log_dir else [Path("/var/log/atom"), state_dir / "logs"]
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return state_dir / "logs"


def configure(*, process: str, log_dir: Path | None, state_dir: Path, level: str) -> None:
    """Set up structlog and the standard library's logging alike; idempotent."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact_secrets,
    ]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    }
    folder = log_folder(log_dir, state_dir)
    folder.mkdir(parents=True, exist_ok=True)
    logging.config.dictConfig(_standard_library(formatter, folder / f"{process}.log", level))
    _quiet_hooks()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _quiet_hooks() -> None:
    """Tracebacks that Python itself prints, and lines of loggers nobody configured, hide secrets too."""
    sys.excepthook = _print_redacted
    last = logging.lastResort
    if last is not None and not any(isinstance(each, RedactingFilter) for each in last.filters):
        last.addFilter(RedactingFilter())


def _print_redacted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(redaction.redact_text("".join(traceback.format_exception(kind, error, trace))))


def _standard_library(formatter: dict[str, Any], file: Path, level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {
            # Watched, so that a log rotation from outside is followed.
            "file": {
                "class": "logging.handlers.WatchedFileHandler",
                "filename": str(file),
                "formatter": "json",
                "delay": True,
            },
            "terminal": {"class": "logging.StreamHandler", "formatter": "json", "level": "WARNING"},
        },
        "root": {"handlers": ["file", "terminal"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "psycopg.pool": {"level": "WARNING"},
            "sqlglot": {"level": "ERROR"},
        },
    }
