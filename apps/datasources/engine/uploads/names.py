"""Names from files made into names BigQuery takes: letters, digits, underscore; unique; not reserved."""

# ruff: noqa: E501 - one expression a line reads better than a folded one

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_MAX: Final = 300
_PREFIXES: Final = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier", "_change_")
_SPECIAL: Final = str.maketrans({
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "&": "_and_", "%": "_percent_", "#": "_no_",
    "€": "_eur_", "$": "_usd_", "+": "_plus_",
})  # fmt: skip
RESERVED: Final = frozenset(
    """
    all and any array as asc assert_rows_modified at between by case cast collate contains create cross cube
    current default define desc distinct else end enum escape except exclude exists extract false fetch
    following for from full group grouping groups hash having if ignore in inner intersect interval into is join
    lateral left like limit lookup merge natural new no not null nulls of on or order outer over partition
    preceding proto qualify range recursive respect right rollup rows select set some struct tablesample then to
    treat true unbounded union unnest using when where window with within
    """.split()  # noqa: SIM905 - a list of words
)


def column_names(raw: Sequence[str]) -> list[str]:
    """One valid name for each raw name, in order, unique without regard to letter case."""
    taken: set[str] = set()
    names = []
    for place, text in enumerate(raw, start=1):
        name = valid(text) or f"column_{place}"
        unique, number = name, 2
        while unique.lower() in taken:
            unique, number = f"{name[: _MAX - 5]}_{number}", number + 1
        taken.add(unique.lower())
        names.append(unique)
    return names


def valid(text: str) -> str:
    """The nearest valid column name in snake case; empty when nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text.strip().lstrip("\ufeff").translate(_SPECIAL))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    plain = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", plain)).strip("_").lower()[:_MAX]
    if not plain:
        return ""
    if plain[0].isdigit():
        plain = f"n_{plain}"
    if plain in RESERVED or plain.startswith(_PREFIXES):
        plain = f"{plain}_"
    return plain


def table_name(filename: str) -> str:
    """A table name from the name of a file: its stem, without dates of export or copies' numbers being lost."""
    stem = re.sub(r"\.(gz|csv|tsv|txt|jsonl|ndjson|json|parquet|pq)$", "", filename.strip(), flags=re.IGNORECASE)
    stem = re.sub(r"\.(csv|tsv|txt|jsonl|ndjson|json)$", "", stem, flags=re.IGNORECASE)
    return valid(stem.rsplit("/", 1)[-1]) or "table_1"


def is_valid(name: str) -> bool:
    """Whether a dataset or table may be called so."""
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", name))
