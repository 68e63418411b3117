"""`manage.py check_sql --dialect bigquery|postgres [--jsonl]`: the safety rules on statements of standard input.

Without --jsonl the whole input is one statement; with it each line is a {"id", "sql"} object. One decision object a
line comes out, in order. Neither a database nor Redis is asked, and nothing runs.
"""

import os
import select
import sys
from collections.abc import Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser

from apps.policies.contracts import Dialect
from apps.policies.services.check_lines import MAX_LINE, Line, Workers, in_this_process, text_alone

_BLOCK: Final = 1 << 18
_CHUNK: Final = 100
_UTF8_MARK: Final = b"\xef\xbb\xbf"


class Command(BaseCommand):
    """Prints `{"id", "decision", "kind", "rules", "final_sql"}` for each statement under the default limits."""

    help = __doc__
    requires_system_checks: list[str] = []  # Django's own name and type

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--dialect", required=True, choices=[each.value for each in Dialect])
        parser.add_argument("--jsonl", action="store_true", help='one {"id", "sql"} object a line')
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes; 1 needs none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer until the input ends; a reader that has gone ends it too."""
        dialect, source = Dialect(options["dialect"]), sys.stdin.fileno()
        try:
            if not options["jsonl"]:
                _say([text_alone(_whole(source), dialect)])
            elif options["jobs"] <= 1:
                for lines in _chunks(source):
                    _say(in_this_process(lines, dialect))
            else:
                _in_processes(source, dialect, options["jobs"])
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_processes(source: int, dialect: Dialect, jobs: int) -> None:
    with Workers(dialect, jobs) as workers:
        for lines in _chunks(source):
            _say(workers.put(lines) if lines else workers.drain())
        _say(workers.drain())


def _say(answers: Any) -> None:
    said = False
    for answer in answers:
        sys.stdout.write(answer + "\n")
        said = True
    if said:
        sys.stdout.flush()


def _whole(source: int) -> bytes | None:
    """The whole input, or None when it is too long to be kept; it is read to its end either way."""
    kept, total = bytearray(), 0
    while block := os.read(source, _BLOCK):
        total += len(block)
        if total <= MAX_LINE:
            kept += block
    return bytes(kept) if total <= MAX_LINE else None


def _chunks(source: int) -> Iterator[list[Line]]:
    """Lines as they come, up to a hundred together; an empty chunk where the input makes us wait."""
    chunk: list[Line] = []
    for line in _lines(source):
        if line is not None:
            chunk.append(line)
        if chunk and (line is None or len(chunk) == _CHUNK):
            yield chunk
            chunk = []
        if line is None:
            yield []
    yield chunk


def _lines(source: int) -> Iterator[Line | None]:
    """Each line that is not blank; None before waiting for input. A line over MAX_LINE keeps its number alone."""
    number, rest, too_long = 0, bytearray(), False
    while True:
        if not select.select([source], [], [], 0)[0]:
            yield None
        block = os.read(source, _BLOCK)
        *whole, tail = block.split(b"\n")
        for piece in whole:
            number += 1
            rest += piece
            yield from _line(number, rest, too_long=too_long)
            rest, too_long = bytearray(), False
        rest += tail
        if len(rest) > MAX_LINE:
            rest, too_long = bytearray(), True
        if not block:
            yield from _line(number + 1, rest, too_long=too_long)
            return


def _line(number: int, text: bytearray, *, too_long: bool) -> Iterator[Line]:
    kept = bytes(text.removeprefix(_UTF8_MARK) if number == 1 else text)
    if too_long or len(kept) > MAX_LINE:
        yield Line(number, None)
    elif kept.strip():
        yield Line(number, kept)
