"""Checks JSON lines in worker processes: in order, with flat memory, and whatever a line holds the next one is read.

1. Chunks of lines go to the workers, at most a few ahead. 2. Answers come out in the order of the lines. 3. Should a
text take a worker down, its chunk is done again line by line, each in a process of its own: that line is refused.
"""

import json
import math
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final

import structlog

from apps.policies.contracts import Dialect
from apps.policies.engine.limits import Limits
from apps.policies.services import checks
from apps.policies.services.checks import Check

MAX_LINE: Final = 8 * 1024 * 1024
"""Bytes of one line: far over the guard's cap on a statement, whatever its escapes."""
_AHEAD: Final = 3
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input. `text` is None where it was too long to keep."""

    number: int
    text: bytes | None


def in_this_process(lines: Iterable[Line], dialect: Dialect) -> list[str]:
    """The answers, one JSON object without line break each."""
    return [_answered(line, dialect) for line in lines]


def text_alone(raw: bytes | None, dialect: Dialect) -> str:
    """The answer to an input that is one statement as it is."""
    found = _too_long() if raw is None else _checked(raw.decode("utf-8-sig", "surrogateescape"), dialect)
    return _written(1, found)


class Workers:
    """A pool of processes that a text may take down without ending the run. A context manager."""

    def __init__(self, dialect: Dialect, jobs: int) -> None:
        self._dialect, self._jobs = dialect, jobs
        self._pool = self._made()
        self._flying: deque[tuple[list[Line], Future[list[str]]]] = deque()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def put(self, lines: list[Line]) -> Iterator[str]:
        """Hand over lines; gives the answers that are due."""
        self._flying.append((lines, self._submitted(lines)))
        while len(self._flying) > self._jobs * _AHEAD:
            yield from self._first()

    def drain(self) -> Iterator[str]:
        """All answers that are still to come."""
        while self._flying:
            yield from self._first()

    def _made(self, jobs: int = 0) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs or self._jobs, mp_context=get_context("fork"))

    def _submitted(self, lines: list[Line]) -> Future[list[str]]:
        try:
            return self._pool.submit(in_this_process, lines, self._dialect)
        except BrokenProcessPool:
            self._pool = self._made()
            return self._pool.submit(in_this_process, lines, self._dialect)

    def _first(self) -> list[str]:
        lines, future = self._flying.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            return [self._in_its_own(line) for line in lines]

    def _in_its_own(self, line: Line) -> str:
        with self._made(1) as pool:
            try:
                return pool.submit(in_this_process, [line], self._dialect).result()[0]
            except BrokenProcessPool:
                return _written(line.number, checks.refused("reader_failed", "No reader survives this text."))


def _answered(line: Line, dialect: Dialect) -> str:
    if line.text is None:
        return _written(line.number, _too_long())
    try:
        given = json.loads(line.text.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return _written(line.number, checks.refused("input", "This line is not JSON.", "One object a line."))
    if not isinstance(given, dict):
        return _written(line.number, checks.refused("input", "This line is not a JSON object.", "One object a line."))
    name, sql = _id_of(given.get("id"), line.number), given.get("sql")
    if not isinstance(sql, str):
        return _written(name, checks.refused("input", "The object has no text called sql.", 'Give {"id", "sql"}.'))
    return _written(name, _checked(sql, dialect))


def _checked(sql: str, dialect: Dialect) -> Check:
    try:
        return checks.check(sql, dialect, Limits())
    except Exception as error:  # noqa: BLE001  # the edge of the process: what cannot be judged is refused, and told
        _log.error("text_not_judged", error=type(error).__name__, dialect=dialect.value)
        return checks.refused("reader_failed", "This text cannot be judged.")


def _too_long() -> Check:
    return checks.refused("length", f"The input is longer than {MAX_LINE} bytes.", "Shorten it.")


def _id_of(given: Any, number: int) -> Any:
    """What the caller calls the line, when JSON can say it again; else its number."""
    if isinstance(given, str):
        return given.encode("utf-8", "replace").decode()
    usable = isinstance(given, int) or (isinstance(given, float) and math.isfinite(given))
    return given if usable else number


def _written(name: Any, found: Check) -> str:
    return json.dumps({"id": name, **found.shown()})
