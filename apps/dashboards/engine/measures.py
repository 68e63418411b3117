"""The figures a confirmed table can give, from its role and confirmed fields alone.

One list serves dashboards and memos, so the same name always means the same query.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from apps.dashboards.engine import words
from apps.dashboards.engine.spec import AMOUNT, AVERAGE, DISTINCT, LATEST, ROWS, Measure
from apps.dashboards.enums import ValueFormat
from apps.datasources.contracts import ColumnFact, ConfirmedTable, SemanticType, TableRole

MAX_DIMENSION_VALUES: Final = 50
STOPPED_AFTER: Final = timedelta(days=30)
_SALES_TABLE: Final = re.compile(r"order|sale|invoice|booking|checkout|receipt", re.IGNORECASE)
_PLAIN_AMOUNT: Final = re.compile(
    r"^(?:(?:total|net|gross|grand|order|sale|sales|line|sub|unit|paid)_?)*"
    r"(?:amount|total|price|value|revenue|sales|sum|subtotal)?(?:_(?:usd|eur|gbp|chf|inr|jpy|cents?))?$",
    re.IGNORECASE,
)
_CURRENCY_SUFFIX: Final = re.compile(r"_(usd|eur|gbp|chf|inr|jpy|cad|aud|sek|nok|dkk|pln|brl|mxn|cny)$", re.IGNORECASE)
_WHO: Final = re.compile(r"user|customer|account|member|client|visitor|buyer|subscriber|patient|guest", re.IGNORECASE)


def rows_measure(table: ConfirmedTable) -> Measure:
    """How many rows: “Orders”, “Events”, “New customers”."""
    name = words.plural_title(table.name)
    fresh = table.role is TableRole.USER and has_time(table)
    label = f"New {name[:1].lower()}{name[1:]}" if fresh else name
    return Measure(key="row_count", label=label, kind=ROWS, definition=f"Number of rows of {table.name}")


def amount_measure(table: ConfirmedTable) -> Measure | None:
    """The summed amount: “Revenue” on a sales table, else the column's own name; None without an amount."""
    if not table.amount_column or not _worth_summing(table):
        return None
    money = table.amount_kind != "quantity"
    return Measure(
        key="amount",
        label=_amount_label(table),
        kind=AMOUNT,
        column=table.amount_column,
        format=ValueFormat.MONEY if money else ValueFormat.NUMBER,
        currency=currency_of(table) if money else "",
        definition=f"Sum of {_amount_words(table)} of {table.name}",
    )


def average_measure(table: ConfirmedTable) -> Measure | None:
    """The amount of one row on average."""
    amount = amount_measure(table)
    if amount is None:
        return None
    definition = f"Sum of {_amount_words(table)} divided by the number of rows that have one, of {table.name}"
    label = f"Average per {words.singular(table.name)}"
    return amount.model_copy(update={"key": "average", "label": label, "kind": AVERAGE, "definition": definition})


def active_measure(table: ConfirmedTable) -> Measure | None:
    """How many different users (customers, accounts) appear; None where the key is the row's own id."""
    column = actor_column(table)
    if column is None:
        return None
    who = re.sub(r"_?(id|key|uuid|no|number|code)$", "", column.name, flags=re.IGNORECASE) or column.name
    people, things = words.plural_title(who), words.plural_title(table.name).lower()
    if not words.is_known(who):
        label = f"Different {words.words_of(who)} in {words.words_of(table.name)}"
    elif table.role in {TableRole.TRANSACTION, TableRole.STATE}:
        label = f"{people} with {things}"
    else:
        label = f"Active {people.lower()}"
    definition = f"Number of different {column.name} in {table.name}"
    return Measure(key="active", label=label, kind=DISTINCT, column=column.name, definition=definition)


def latest_measure(table: ConfirmedTable) -> Measure | None:
    """The newest time in the table."""
    if not has_time(table):
        return None
    label = f"{words.title_of(table.name)}: latest row"
    definition = f"Newest {table.time_column or 'time'} in {table.name}"
    return Measure(key="latest", label=label, kind=LATEST, format=ValueFormat.TIME, definition=definition)


def has_time(table: ConfirmedTable) -> bool:
    """Whether the table's rows can be put on a time line, by a column of its own or a borrowed one."""
    return table.time_column is not None or table.borrowed_time is not None


def has_hours(table: ConfirmedTable) -> bool:
    """Whether its times may carry an hour (a DATE never does)."""
    if table.time_column is None:
        return False
    column = table.column(table.time_column)
    return (
        column is not None and column.type.upper() != "DATE" and column.time_format not in {"dmy", "mdy", "ymd_compact"}
    )


def actor_column(table: ConfirmedTable) -> ColumnFact | None:
    """The column that says who: the entity key when it repeats, else a repeating id column that names a person."""
    key = table.column(table.entity_key)
    if key is not None and _repeats(key, table):
        return key
    people = (c for c in table.columns if c.semantic is SemanticType.ID and _WHO.search(c.name))
    return next((column for column in people if _repeats(column, table)), None)


def dimensions(table: ConfirmedTable) -> list[ColumnFact]:
    """Confirmed dimensions fit for a chart, the most readable first: no protected, empty or constant column."""
    found = [column for name in table.dimensions if (column := table.column(name)) is not None]
    fit = [c for c in found if c.pii is None and c.null_share < 0.9 and (c.distinct is None or 2 <= c.distinct <= 50)]
    return sorted(fit, key=_readability)


def currency_of(table: ConfirmedTable) -> str:
    """ISO code of the amount's currency, when the column's name or a constant currency column gives it, else ""."""
    if match := _CURRENCY_SUFFIX.search(table.amount_column or ""):
        return match.group(1).upper()
    column = currency_column(table)
    if column is not None and column.distinct == 1 and len(column.top_values) >= 1:
        code = column.top_values[0].strip().upper()
        return code if re.fullmatch(r"[A-Z]{3}", code) else ""
    return ""


def currency_column(table: ConfirmedTable) -> ColumnFact | None:
    """The column that names each row's currency."""
    return next((c for c in table.columns if re.search(r"(^|_)(currency|ccy)(_|$|code)", c.name, re.IGNORECASE)), None)


def of_role(tables: Iterable[ConfirmedTable], *roles: TableRole) -> list[ConfirmedTable]:
    """Tables of these roles, the largest first, then by name."""
    chosen = [table for table in tables if table.role in roles]
    return by_size(chosen)


def by_size(tables: Iterable[ConfirmedTable]) -> list[ConfirmedTable]:
    """Tables still filled before those that stopped, the largest first, then by name: what every template keeps."""
    known = list(tables)
    newest = max((table.latest_at for table in known if table.latest_at is not None), default=None)

    def stopped(table: ConfirmedTable) -> bool:
        return newest is not None and table.latest_at is not None and table.latest_at < newest - STOPPED_AFTER

    return sorted(known, key=lambda table: (stopped(table), -(table.row_count or 0), table.dataset, table.name))


def headline(tables: Sequence[ConfirmedTable]) -> list[tuple[ConfirmedTable, Measure]]:
    """The figures that sum a business up, in the order a reader asks: money, deals, people, activity."""
    found: list[tuple[ConfirmedTable, Measure | None]] = []
    for table in of_role(tables, TableRole.TRANSACTION):
        found += [(table, amount_measure(table)), (table, rows_measure(table)), (table, average_measure(table))]
        found.append((table, active_measure(table)))
    for table in of_role(tables, TableRole.USER):
        found.append((table, rows_measure(table)))
    for table in of_role(tables, TableRole.EVENT):
        found += [(table, active_measure(table)), (table, rows_measure(table)), (table, amount_measure(table))]
    for table in of_role(tables, TableRole.STATE):
        found += [(table, rows_measure(table)), (table, amount_measure(table))]
    return [(table, measure) for table, measure in found if measure is not None]


def _worth_summing(table: ConfirmedTable) -> bool:
    """Money always; other amounts (units, weights) only where they are what the table is about."""
    return table.role is TableRole.TRANSACTION or table.amount_kind == "money"


def _repeats(column: ColumnFact, table: ConfirmedTable) -> bool:
    if column.distinct is None or not table.row_count:
        return column.distinct is None
    return 1 < column.distinct <= 0.97 * table.row_count * max(1e-9, 1 - column.null_share)


def _readability(column: ColumnFact) -> int:
    count = column.distinct or MAX_DIMENSION_VALUES
    if count == 2:
        return 2
    return 0 if count <= 12 else 1


def _amount_label(table: ConfirmedTable) -> str:
    column = table.amount_column or ""
    bare = _CURRENCY_SUFFIX.sub("", column)
    sales = _SALES_TABLE.search(table.name) is not None and table.role is TableRole.TRANSACTION
    if table.amount_kind == "quantity":
        return f"{words.title_of(column)} ({words.words_of(table.name)})"
    if _PLAIN_AMOUNT.match(column):
        return "Revenue" if sales else f"{words.title_of(table.name)} {words.words_of(bare)}"
    return words.title_of(bare)


def _amount_words(table: ConfirmedTable) -> str:
    text = table.amount_column or ""
    if table.quantity_column:
        text += f" × {table.quantity_column}"
    if table.discount_column:
        text += f", less {table.discount_column}"
    return text + (f" / {table.amount_divisor}" if table.amount_divisor != 1 else "")
