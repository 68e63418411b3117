"""Which BigQuery type the texts of a column are, decided on all of them, and the DuckDB expression that reads them.

Each candidate reading is counted over the column in one query; a reading wins when it reads at least 99 % of the
filled cells. Codes with leading zeros and phone numbers stay text. Cells a winner cannot read become NULL and are shown.
"""

# ruff: noqa: E501 - one expression a line reads better than a folded one

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

NULLS: Final = ("", "null", "NULL", "Null", "N/A", "n/a", "#N/A", "\\N", "None", "NaN", "nan")
ENOUGH: Final = 0.99


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read text: `sql` has {c} for the trimmed text and gives NULL where it cannot."""

    name: str
    type: str
    sql: str


_EU = r"'^[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$'"
_US = r"'^[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$'"
_MONEY = r"trim(regexp_replace({c}, '^(USD|EUR|GBP|CHF|[$€£])\s*|\s*(USD|EUR|GBP|CHF|[$€£%])$', '', 'gi'))"
_AS_EU = "TRY_CAST(replace(replace({v}, '.', ''), ',', '.') AS DOUBLE)"
_AS_US = "TRY_CAST(replace({v}, ',', '') AS DOUBLE)"


_DMY: Final = r"'^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}'"
_YMD: Final = r"'^\d{4}[./]\d{1,2}[./]\d{1,2}|^\d{8}T\d{6}$'"
_WORDS: Final = r"'^\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}$|^[A-Za-z]{3,9} \d{1,2}, \d{4}$'"


def _time(shape: str, *formats: str, kind: str) -> str:
    """Tries the formats, but only on texts of that shape: a failing attempt costs a hundred times the look."""
    tries = ", ".join(f"try_strptime({{c}}, '{each}')" for each in formats)
    return f"CASE WHEN regexp_matches({{c}}, {shape}) THEN CAST(coalesce({tries}) AS {kind}) END"


READINGS: Final[tuple[Reading, ...]] = (
    Reading("bool", "BOOL", "CASE lower({c}) WHEN 'true' THEN true WHEN 'false' THEN false WHEN 'yes' THEN true "
            "WHEN 'no' THEN false WHEN 't' THEN true WHEN 'f' THEN false END"),
    Reading("int", "INT64", r"CASE WHEN regexp_full_match({c}, '[-+]?\d{1,19}') THEN TRY_CAST({c} AS BIGINT) END"),
    Reading("float", "FLOAT64", r"CASE WHEN regexp_full_match({c}, '[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?') "
            "THEN TRY_CAST({c} AS DOUBLE) END"),
    Reading("date", "DATE", r"CASE WHEN regexp_full_match({c}, '\d{4}-\d{1,2}-\d{1,2}') THEN TRY_CAST({c} AS DATE) END"),
    Reading("timestamp", "TIMESTAMP", r"CASE WHEN regexp_matches({c}, '^\d{4}-\d{1,2}-\d{1,2}([ T]|$)') THEN "
            "TRY_CAST(regexp_replace({c}, ' ?(UTC|GMT)$', '+00') AS TIMESTAMPTZ) END"),
    Reading("date_dmy", "DATE", _time(_DMY, "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y", kind="DATE")),
    Reading("date_mdy", "DATE", _time(_DMY, "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", kind="DATE")),
    Reading("date_ymd", "DATE", _time(_YMD, "%Y/%m/%d", "%Y.%m.%d", kind="DATE")),
    Reading("date_words", "DATE", _time(_WORDS, "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", kind="DATE")),
    Reading("time_dmy", "TIMESTAMP", _time(_DMY, "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M", kind="TIMESTAMPTZ")),
    Reading("time_mdy", "TIMESTAMP", _time(_DMY, "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%y %H:%M", kind="TIMESTAMPTZ")),
    Reading("time_ymd", "TIMESTAMP", _time(_YMD, "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y%m%dT%H%M%S", kind="TIMESTAMPTZ")),
    Reading("number_us", "FLOAT64", f"CASE WHEN regexp_matches({_MONEY}, {_US}) THEN {_AS_US.format(v=_MONEY)} END"),
    Reading("number_eu", "FLOAT64", f"CASE WHEN regexp_matches({_MONEY}, {_EU}) THEN {_AS_EU.format(v=_MONEY)} END"),
    Reading("time", "TIME", r"CASE WHEN regexp_full_match({c}, '\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?') THEN TRY_CAST({c} AS TIME) END"),
)  # fmt: skip
TEXT: Final = Reading("text", "STRING", "{c}")
_BY_NAME: Final = {reading.name: reading for reading in READINGS}
_BY_TYPE: Final = {
    "BOOL": "bool",
    "INT64": "int",
    "FLOAT64": "float",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIME": "time",
}
_CODES: Final = r"regexp_full_match({c}, '0\d+|\+\d[\d ()/-]+')"
_FRACTION: Final = r"regexp_matches({c}, ',\d{1,2}$|,\d{4,}$|\.\d{3},')"


def text_of(column: str) -> str:
    """The trimmed text of a column, NULL for the usual words for nothing. `column` is a quoted identifier."""
    words = ", ".join("'" + word.replace("'", "''") + "'" for word in NULLS)
    return f"CASE WHEN trim({column}) IN ({words}) THEN NULL ELSE trim({column}) END"


def counting_sql(text: str) -> list[str]:
    """Aggregates over a column of trimmed texts: filled, codes, comma fractions, then one per reading."""
    parts = ["{c} IS NOT NULL", _CODES, _FRACTION, *(f"({reading.sql}) IS NOT NULL" for reading in READINGS)]
    return [f"count(*) FILTER (WHERE {part.replace('{c}', text)})" for part in parts]


def chosen(counts: Sequence[int]) -> tuple[Reading, int]:
    """The reading for a column with these counts, and how many filled cells it cannot read."""
    filled, codes, fractions = counts[0], counts[1], counts[2]
    read: Mapping[str, int] = dict(zip((reading.name for reading in READINGS), counts[3:], strict=True))
    if not filled or codes:
        return TEXT, 0
    if fractions and read["number_eu"] >= ENOUGH * filled and read["number_eu"] >= read["number_us"]:
        return _BY_NAME["number_eu"], filled - read["number_eu"]
    order = [reading.name for reading in READINGS]
    for pair in (("date_dmy", "date_mdy"), ("time_dmy", "time_mdy")):
        if read[pair[1]] > read[pair[0]]:
            order.remove(pair[0])
            order.insert(order.index(pair[1]) + 1, pair[0])
    whole = next((name for name in order if read[name] == filled), None)
    name = whole or next((name for name in order if read[name] >= ENOUGH * filled), None)
    return (_BY_NAME[name], filled - read[name]) if name else (TEXT, 0)


def reading_for(type_name: str, best: Reading) -> Reading:
    """The reading a person asked for by type; `best` where it already gives that type."""
    wanted = type_name.upper()
    if wanted == "STRING":
        return TEXT
    if best.type == wanted:
        return best
    return _BY_NAME[_BY_TYPE[wanted]] if wanted in _BY_TYPE else TEXT


def expression(reading: Reading, column: str) -> str:
    """The typed value of `column` (a quoted identifier)."""
    return reading.sql.replace("{c}", f"({text_of(column)})")
