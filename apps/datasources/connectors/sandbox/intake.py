"""Reads a staged file with a DuckDB that sees the staging folder and the tenant's warehouse, and nothing else.

1. CSV and JSON lines are read once, as they are, into a Parquet file beside them; broken lines are set aside and shown.
2. CSV texts get the type that at least 99 % of them have. 3. The typed rows are a view, which the preview, the search
for a partition column and the load all use.
"""

# ruff: noqa: S608 - names and paths are our own and quoted

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from apps.core.errors import InvalidInput
from apps.datasources.connectors.sandbox.duck import Bounds, open_locked
from apps.datasources.connectors.sandbox.errors import plain
from apps.datasources.connectors.sandbox.files import identifier
from apps.datasources.engine.bigquery.estimate import quoted
from apps.datasources.engine.bigquery.schema import Column
from apps.datasources.engine.bigquery.types import from_duckdb, to_duckdb
from apps.datasources.engine.uploads import dialect, names, partition, typing
from apps.datasources.enums import UploadFormat

_BOUNDS: Final = Bounds(memory_mb=768, threads=2)
_SAMPLE: Final = 20_000
_HEAD: Final = 256 * 1024
_SHOWN: Final = 20
_MAX_LINE: Final = 16 * 1024 * 1024
_MAX_COLUMNS: Final = 1_000
_ROW: Final = "__row"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided over what was found; empty means as found."""

    delimiter: str = ""
    header: bool | None = None
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line or cell that could not be read. `text` is cut to what helps to find it."""

    line: int
    reason: str
    column: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a file holds. `unreadable` counts the cells that become NULL, `rejected` the lines left out."""

    format: UploadFormat
    columns: tuple[Column, ...]
    sources: Mapping[str, str]
    rows: int
    rejected: int
    unreadable: int
    bad: tuple[BadLine, ...]
    sample: tuple[tuple[Any, ...], ...]
    partition_column: str | None
    delimiter: str = ""
    header: bool | None = None


class Intake:
    """One staged file, opened; `view` names the typed rows after `understand`."""

    view: Final = "typed"

    def __init__(self, path: Path, kind: UploadFormat, *, writable: Path, spill: Path, choices: Choices) -> None:
        self._path, self._kind, self._choices = path, kind, choices
        self._bad: list[BadLine] = []
        self._rejected = 0
        self._dialect: dialect.CsvDialect | None = None
        self.connection = open_locked([path.parent, writable], bounds=_BOUNDS, spill=spill, bigquery=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def understand(self) -> Understood:
        """Read the file and settle names and types; raises InvalidInput where it cannot be read at all."""
        with _readable():
            source = self._source()
            raw = self._described(source)
            if not raw:
                raise InvalidInput("The file has no columns.", code="EMPTY_FILE")
            if len(raw) > _MAX_COLUMNS:
                raise InvalidInput(f"The file has {len(raw)} columns; {_MAX_COLUMNS} are the most.")
            valid = names.column_names([name for name, _ in raw])
            columns, unreadable = self._typed(source, raw, valid)
            rows = self._count(f"SELECT count(*) FROM {self.view}")
            if not rows:
                raise InvalidInput("The file has no rows that can be read.", code="EMPTY_FILE", extra=self._bad_rows())
            return Understood(
                self._kind, columns, dict(zip(valid, (name for name, _ in raw), strict=True)), rows, self._rejected,
                unreadable, tuple(self._bad[:_SHOWN]), self._head(), self._partition(columns, rows),
                self._dialect.delimiter if self._dialect else "", self._dialect.header if self._dialect else None,
            )  # fmt: skip

    def _bad_rows(self) -> dict[str, Any]:
        return {"errors": [{"line": bad.line, "message": bad.reason} for bad in self._bad[:_SHOWN]]}

    def _source(self) -> str:
        if self._kind is UploadFormat.PARQUET:
            return f"read_parquet({quoted(str(self._path))}, hive_partitioning=false)"
        raw = self._path.parent / "raw.parquet"
        query = self._csv() if self._kind is UploadFormat.CSV else self._json()
        self.connection.execute(f"COPY ({query}) TO {quoted(str(raw))} (FORMAT parquet)")
        if self._kind is UploadFormat.CSV:
            self._collect_rejects()
        return f"read_parquet({quoted(str(raw))}, hive_partitioning=false)"

    def _csv(self) -> str:
        with self._path.open("rb") as stream:
            head = stream.read(_HEAD)
        if len(head) == _HEAD and b"\n" in head:
            head = head[: head.rindex(b"\n") + 1]
        text = head.decode("utf-8", errors="replace")
        found = dialect.sniffed(text, delimiter=self._choices.delimiter, header=self._choices.header)
        self._dialect = found
        if not found.columns:
            raise InvalidInput("The file is empty.", code="EMPTY_FILE")
        keys = [f"c{place}" for place in range(len(found.columns))]
        spec = ", ".join(f"{quoted(key)}: 'VARCHAR'" for key in keys)
        shown = ", ".join(
            f"{key} AS {identifier(name)}" for key, name in zip(keys, _distinct(found.columns), strict=True)
        )
        return (
            f"SELECT {shown} FROM read_csv({quoted(str(self._path))}, auto_detect=false, "
            f"delim={quoted(found.delimiter)}, quote='\"', escape='\"', "
            f"header={str(found.header).lower()}, skip={found.skip}, "
            f"columns={{{spec}}}, store_rejects=true, max_line_size={_MAX_LINE}, nullstr='')"
        )

    def _collect_rejects(self) -> None:
        self._rejected = self._count("SELECT count(DISTINCT line) FROM reject_errors")
        rows = self.connection.execute(
            f"SELECT line, any_value(error_message), any_value(left(csv_line, 120)) FROM reject_errors GROUP BY line "
            f"ORDER BY line LIMIT {_SHOWN}"
        ).fetchall()
        self._bad += [
            BadLine(int(line), plain(str(message)), text=str(text or "").strip()) for line, message, text in rows
        ]

    def _json(self) -> str:
        """JSON lines are checked one by one, so that one broken line does not spoil the file; an array is one value."""
        with self._path.open("rb") as stream:
            is_array = stream.read(4096).lstrip()[:1] == b"["
        path = self._path if is_array else self._clean_lines()
        shape = "array" if is_array else "newline_delimited"
        return (
            f"SELECT * FROM read_json({quoted(str(path))}, format='{shape}', sample_size=-1, records=true, "
            f"maximum_object_size={_MAX_LINE}, maximum_depth=4)"
        )

    def _clean_lines(self) -> Path:
        lines = (
            f"(SELECT row_number() OVER () AS n, line FROM read_csv({quoted(str(self._path))}, auto_detect=false, "
            f"columns={{'line': 'VARCHAR'}}, delim='\\x01', quote='', escape='', header=false, skip=0, "
            f"max_line_size={_MAX_LINE}))"
        )
        broken = (
            "trim(coalesce(line, '')) <> '' AND "
            "NOT coalesce(CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' END, false)"
        )
        rows = self.connection.execute(
            f"SELECT n, left(line, 120), count(*) OVER () FROM {lines} WHERE {broken} ORDER BY n LIMIT {_SHOWN}"
        ).fetchall()
        if not rows:
            return self._path
        self._rejected = int(rows[0][2])
        self._bad += [BadLine(int(n), "This line is no JSON object.", text=str(text)) for n, text, _ in rows]
        clean = self._path.parent / "clean.jsonl"
        self.connection.execute(
            f"COPY (SELECT line FROM {lines} WHERE NOT ({broken}) AND trim(coalesce(line, '')) <> '') "
            f"TO {quoted(str(clean))} (FORMAT csv, DELIMITER '\\x01', QUOTE '', ESCAPE '', HEADER false)"
        )
        return clean

    def _described(self, source: str) -> list[tuple[str, str]]:
        rows = self.connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        return [(str(row[0]), str(row[1])) for row in rows]

    def _typed(
        self, source: str, raw: Sequence[tuple[str, str]], valid: Sequence[str]
    ) -> tuple[tuple[Column, ...], int]:
        wanted = {name.lower(): kind for name, kind in self._choices.types.items()}
        if self._kind is UploadFormat.CSV:
            return self._typed_texts(source, raw, valid, wanted)
        columns, parts = [], []
        for (name, duck_type), target in zip(raw, valid, strict=True):
            kind = wanted.get(target.lower(), from_duckdb(duck_type))
            value = identifier(name)
            is_map = duck_type.upper().startswith("MAP(")
            cast = f"to_json({value})" if is_map else f"TRY_CAST({value} AS {to_duckdb(kind)})"
            parts.append(f"{cast} AS {identifier(target)}")
            columns.append(Column(target, kind))
        self._make_view(source, parts)
        return tuple(columns), 0

    def _typed_texts(
        self, source: str, raw: Sequence[tuple[str, str]], valid: Sequence[str], wanted: Mapping[str, str]
    ) -> tuple[tuple[Column, ...], int]:
        readings = self._readings(source, [name for name, _ in raw])
        readings = [
            typing.reading_for(wanted[target.lower()], found) if target.lower() in wanted else found
            for target, found in zip(valid, readings, strict=True)
        ]
        missed = self._missed(source, raw, readings)
        for place, (filled, lost) in enumerate(missed):
            if lost > (1 - typing.ENOUGH) * filled and valid[place].lower() not in wanted:
                readings[place], missed[place] = typing.TEXT, (filled, 0)
        pairs = list(zip(raw, valid, readings, strict=True))
        self._make_view(
            source,
            [f"{typing.expression(r, identifier(name))} AS {identifier(target)}" for (name, _), target, r in pairs],
        )
        for ((name, _), target, reading), (_, lost) in zip(pairs, missed, strict=True):
            if lost:
                self._show_cells(source, name, target, reading)
        return tuple(Column(target, r.type) for _, target, r in pairs), sum(lost for _, lost in missed)

    def _readings(self, source: str, raw: Sequence[str]) -> list[typing.Reading]:
        """From a sample, trimmed once: the many readings then look at plain texts."""
        texts = ", ".join(f"{typing.text_of(identifier(name))} AS s{at}" for at, name in enumerate(raw))
        sample = f"SELECT * FROM {source} USING SAMPLE reservoir({_SAMPLE} ROWS) REPEATABLE (7)"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE sampled AS SELECT {texts} FROM ({sample})")
        found = []
        for at in range(len(raw)):
            row = self.connection.execute(f"SELECT {', '.join(typing.counting_sql(f's{at}'))} FROM sampled").fetchone()
            assert row is not None
            found.append(typing.chosen(row)[0])
        return found

    def _missed(
        self, source: str, raw: Sequence[tuple[str, str]], readings: Sequence[typing.Reading]
    ) -> list[tuple[int, int]]:
        """(filled cells, cells the reading cannot read) of every column, over the whole file."""
        parts = []
        for (name, _), reading in zip(raw, readings, strict=True):
            column = identifier(name)
            read = typing.expression(reading, column)
            parts.append(
                "count(NULL), count(NULL)"
                if reading is typing.TEXT
                else f"count({typing.text_of(column)}), count({read})"
            )
        row = self.connection.execute(f"SELECT {', '.join(parts)} FROM {source}").fetchone()
        assert row is not None
        return [(int(row[at]), int(row[at]) - int(row[at + 1])) for at in range(0, len(row), 2)]

    def _show_cells(self, source: str, name: str, target: str, reading: typing.Reading) -> None:
        column = identifier(name)
        text, value = typing.text_of(column), typing.expression(reading, column)
        rows = self.connection.execute(
            f"SELECT {_ROW}, left({text}, 60) FROM (SELECT *, row_number() OVER () AS {_ROW} FROM {source}) "
            f"WHERE {text} IS NOT NULL AND {value} IS NULL LIMIT 5"
        ).fetchall()
        offset = 1 if self._dialect and self._dialect.header else 0
        self._bad += [
            BadLine(int(row) + offset, f"This is no {reading.type}; the cell becomes empty.", target, str(cell))
            for row, cell in rows
        ]

    def _make_view(self, source: str, parts: Sequence[str]) -> None:
        self.connection.execute(f"CREATE OR REPLACE VIEW {self.view} AS SELECT {', '.join(parts)} FROM {source}")

    def _head(self) -> tuple[tuple[Any, ...], ...]:
        columns = self.connection.execute(f"DESCRIBE {self.view}").fetchall()
        shown = ", ".join(f"left(CAST({identifier(str(row[0]))} AS VARCHAR), 200)" for row in columns)
        return tuple(self.connection.execute(f"SELECT {shown} FROM {self.view} LIMIT {_SHOWN}").fetchall())

    def _partition(self, columns: Sequence[Column], rows: int) -> str | None:
        times = [column.name for column in columns if column.type in {"DATE", "TIMESTAMP", "DATETIME"}]
        if not times or rows < partition.MINIMUM_ROWS:
            return None
        parts = ", ".join(
            f"count(DISTINCT CAST({identifier(name)} AS DATE)), count(*) - count({identifier(name)})" for name in times
        )
        row = self.connection.execute(f"SELECT {parts} FROM {self.view}").fetchone()
        assert row is not None
        found = [partition.TimeColumn(name, int(row[2 * n]), int(row[2 * n + 1])) for n, name in enumerate(times)]
        return partition.suited(found, rows)

    def _count(self, sql: str) -> int:
        row = self.connection.execute(sql).fetchone()
        return int(row[0]) if row else 0


def _distinct(raw: Sequence[str]) -> list[str]:
    """The names of a header as they are, made distinct, because a Parquet file cannot hold a name twice."""
    seen: set[str] = set()
    shown = []
    for place, name in enumerate(raw, start=1):
        text = name or f"column {place}"
        while text.lower() in seen:
            text = f"{text} ({place})"
        seen.add(text.lower())
        shown.append(text)
    return shown


@contextmanager
def _readable():  # type: ignore[no-untyped-def]
    try:
        yield
    except duckdb.Error as error:
        raise InvalidInput(f"The file cannot be read: {plain(str(error))}", code="BROKEN_FILE") from error
