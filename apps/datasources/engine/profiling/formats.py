"""How times and numbers hide in text and integers, and the BigQuery expression that reads them.

Expressions use SAFE_CAST and REGEXP_REPLACE alone, which mean the same to every engine behind the connectors.
"""

import re
from collections.abc import Collection

from sqlglot import exp

from apps.datasources.engine.profiling.families import Family, family_of
from apps.datasources.engine.semantics.words import TIME_WORDS
from apps.policies.engine.pii.tokens import tokens

MATCH_SHARE = 0.9
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?")
_YEAR_FIRST = re.compile(r"\d{4}([/.])\d{1,2}\1\d{1,2}(?:[T ].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2\d{4}(?:[T ].*)?")
_COMPACT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_MONTH = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])")
_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_MONEY = re.compile(r"\(?-?\s?(?:[$€£¥]|[A-Z]{3})?\s?-?\d{1,3}(?:,\d{3})*(?:\.\d+)?\s?(?:[$€£¥%]|[A-Z]{3})?\)?")
_MONEY_COMMA = re.compile(r"-?\s?(?:[$€£¥]|[A-Z]{3})?\s?-?\d{1,3}(?:[. ]?\d{3})*(?:,\d+)?\s?(?:[$€£¥%]|[A-Z]{3})?")
_LEADING_ZERO = re.compile(r"0\d")
_EPOCHS = (("epoch_s", 946_684_800, 4_102_444_800), ("epoch_ms", 946_684_800_000, 4_102_444_800_000),
           ("epoch_us", 946_684_800_000_000, 4_102_444_800_000_000))  # fmt: skip
_REORDER = {
    "ymd": (r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(.*)$", r"\1-\2-\3\4"),
    "dmy": (r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(.*)$", r"\3-\2-\1\4"),
    "mdy": (r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(.*)$", r"\3-\1-\2\4"),
    "ymd_compact": (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
    "ym": (r"^(\d{4})-(\d{2})$", r"\1-\2-01"),
}


def time_format(name: str, type_: str, values: Collection[str]) -> str:
    """How `values` (distinct, as text) spell times: "native", a format of `ColumnFact.time_format`, or "" for none.

    "ymd" and "ym" are text forms too. Integers count as epochs only when the name speaks of time.
    """
    family = family_of(type_)
    if family is Family.TIME:
        return "native"
    cleaned = [value.strip() for value in values if value.strip()]
    if not cleaned:
        return ""
    if family is Family.TEXT:
        return _text_format(cleaned)
    return _number_format(name, cleaned) if family is Family.NUMBER else ""


def _share(pattern: re.Pattern[str], values: Collection[str]) -> float:
    return sum(pattern.fullmatch(value) is not None for value in values) / len(values)


def _text_format(values: list[str]) -> str:
    for name, pattern in (("iso", _ISO), ("ymd", _YEAR_FIRST), ("ymd_compact", _COMPACT), ("ym", _MONTH)):
        if _share(pattern, values) >= MATCH_SHARE:
            return name
    matches = [match for value in values if (match := _YEAR_LAST.fullmatch(value))]
    if len(matches) < MATCH_SHARE * len(values):
        return ""
    first, second = max(int(m[1]) for m in matches), max(int(m[3]) for m in matches)
    if first > 31 or second > 31 or (first > 12 and second > 12):
        return ""
    if second > 12:
        return "mdy"
    return "mdy" if first <= 12 and matches[0][2] == "/" else "dmy"


def _number_format(name: str, values: list[str]) -> str:
    if not speaks_of_time(name):
        return ""
    if _share(_COMPACT, values) >= MATCH_SHARE:
        return "ymd_compact"
    numbers = [float(value) for value in values if _PLAIN_NUMBER.fullmatch(value)]
    if len(numbers) < MATCH_SHARE * len(values):
        return ""
    for label, low, high in _EPOCHS:
        if sum(low <= number <= high for number in numbers) >= MATCH_SHARE * len(numbers):
            return label
    return ""


def speaks_of_time(name: str) -> bool:
    """Whether the words of a name have to do with time (English, German, French, Spanish, Italian, Dutch)."""
    words = tokens(name)
    return bool(TIME_WORDS & set(words)) or any(word.endswith(("datum", "zeit", "date", "time")) for word in words)


def number_format(values: Collection[str]) -> str:
    """How text spells numbers: "plain", "money" (1,234.50 $), "comma" (1.234,50 €), or "" when it does not."""
    cleaned = [value.strip() for value in values if value.strip()]
    if not cleaned or any(_LEADING_ZERO.match(value) for value in cleaned):
        return ""
    if _share(_PLAIN_NUMBER, cleaned) >= MATCH_SHARE:
        return "plain"
    comma, money = _share(_MONEY_COMMA, cleaned), _share(_MONEY, cleaned)
    if max(comma, money) < MATCH_SHARE or not any(char.isdigit() for value in cleaned for char in value):
        return ""
    return "comma" if comma > money else "money"


def time_expression(column: exp.Expr, type_: str, format_: str) -> exp.Expr:
    """A TIMESTAMP (native columns: as they are) read from a column stored in `format_`."""
    if format_ in {"", "native"}:
        return column
    if format_.startswith("epoch"):
        function = {"epoch_s": "TIMESTAMP_SECONDS", "epoch_ms": "TIMESTAMP_MILLIS", "epoch_us": "TIMESTAMP_MICROS"}
        return exp.func(function[format_], exp.cast(column, "INT64", dialect="bigquery"), dialect="bigquery")
    text = column if family_of(type_) is Family.TEXT else exp.cast(column, "STRING", dialect="bigquery")
    if format_ in _REORDER:
        text = _replace(exp.Trim(this=text), *_REORDER[format_])
    return exp.TryCast(this=text, to=exp.DataType.build("TIMESTAMP", dialect="bigquery"), safe=True)


def number_expression(column: exp.Expr, format_: str) -> exp.Expr:
    """A FLOAT64 read from a text column whose numbers are spelled in `format_`."""
    if not format_:
        return column
    kept = _replace(column, r"[^0-9,.\-]" if format_ == "comma" else r"[^0-9.\-]", "")
    if format_ == "comma":
        kept = _replace(_replace(kept, r"\.", ""), ",", ".")
    return exp.TryCast(this=kept, to=exp.DataType.build("FLOAT64", dialect="bigquery"), safe=True)


def _replace(text: exp.Expr, pattern: str, by: str) -> exp.Expr:
    return exp.func("REGEXP_REPLACE", text, exp.Literal.string(pattern), exp.Literal.string(by), dialect="bigquery")
