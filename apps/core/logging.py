"""Structured logs: JSON lines to `LOG_DIR/<process>.log`, short lines to the terminal, secrets never."""

import logging
import logging.config
import os
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

_SECRET_KEYS = re.compile(
    r"(password|passwd|secret|token|authorization|cookie|api_?key|private_?key|dsn)", re.IGNORECASE
)
_SECRET_SHAPES = re.compile(
    r"(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"  # JSON Web Token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in a URL
    r"|(?i:bearer)\s+[\w.~+/-]{12,}=*"
    r"|atom_pat_[\w-]{16,})"
)


def redact_text(text: str) -> str:
    """`text` without anything that has the shape of a secret."""
    return _SECRET_SHAPES.sub("[REDACTED:secret]", text)


def _redact(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return "[REDACTED:secret]" if key and _SECRET_KEYS.search(key) else redact_text(value)
    if isinstance(value, dict):
        return {name: _redact(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redact(item, key) for item in value]
    return value


def redact_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: no secret, by name or by shape, leaves through a log line."""
    return {name: _redact(value, str(name)) for name, value in event.items()}


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
