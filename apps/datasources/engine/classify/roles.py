"""The role of a table, as a tally of named observations: each adds weight to roles and says why in plain words.

Confidence is the leader's share of all weight, damped by how much was observed: unknown tables get a modest figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.datasources.contracts import SemanticType, TableRole
from apps.datasources.engine.classify.subject import Subject, called_after
from apps.datasources.engine.profiling.families import base_type
from apps.datasources.engine.semantics import words
from apps.datasources.engine.semantics.columns import Meaning
from apps.policies.engine.pii.tokens import lexicon, tokens

_SMALL = 500
_MANY = 10_000
_STATE_WORDS = frozenset({"status", "state", "stage", "statut", "estado", "zustand", "stato", "phase"})
_PERIOD_WORDS = lexicon(
    "start started end ended valid from until canceled cancelled closed resolved expires due renewal beginn ende"
)
_CONTACT_KINDS = frozenset({"email", "phone", "address", "person_name", "date_of_birth", "ssn"})
_CONTACT_WORDS = lexicon("email mail phone firstname lastname surname first last vorname nachname prenom")
_WHO_WORDS = lexicon("user customer client account member visitor device session kunde benutzer utilisateur sensor")


@dataclass(frozen=True, slots=True)
class Observation:
    """Something seen in a table that speaks for a role."""

    role: TableRole
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class Classification:
    """The role with its confidence (0 to 1) and the reasons for it, strongest first; `against` speaks for others."""

    role: TableRole
    confidence: float
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()


def classify(table: Subject) -> Classification:
    """The most likely role of `table`. A table without any sign is reference data, with low confidence."""
    seen = list(observations(table))
    tally = {role: sum(item.weight for item in seen if item.role is role) for role in TableRole}
    role = max(TableRole, key=lambda candidate: (tally[candidate], -list(TableRole).index(candidate)))
    total = sum(max(weight, 0) for weight in tally.values())
    if total <= 0:
        return Classification(TableRole.CONFIG, 0.2, ("Nothing in the names or figures tells what this table is for.",))
    share = tally[role] / total
    confidence = share * min(1.0, 0.45 + tally[role] / 8)
    if table.rows == 0:
        confidence *= 0.5
    reasons = [
        item.reason for item in sorted(seen, key=lambda item: -item.weight) if item.role is role and item.weight > 0
    ]
    against = [item.reason for item in seen if item.role is not role and item.weight >= 2]
    if table.rows == 0:
        reasons.append("The table is empty: judged by names alone.")
    return Classification(role, round(min(confidence, 0.98), 2), tuple(dict.fromkeys(reasons)), tuple(against))


def observations(table: Subject) -> Iterator[Observation]:
    """Everything that speaks for some role."""
    yield from _by_name(table)
    yield from _by_people(table)
    yield from _by_money(table)
    yield from _by_time(table)
    yield from _by_state(table)
    yield from _by_size(table)


_NAMES = (
    (TableRole.TRANSACTION, words.TRANSACTION_TABLES, "orders, invoices or other transactions"),
    (TableRole.USER, words.PEOPLE_TABLES, "people or accounts"),
    (TableRole.EVENT, words.EVENT_TABLES, "events or measurements"),
    (TableRole.STATE, words.STATE_TABLES, "things that change state"),
    (TableRole.CONFIG, words.CONFIG_TABLES, "reference data"),
)


def _by_name(table: Subject) -> Iterator[Observation]:
    last = table.last_word
    joined = max(table.words, key=len, default="")
    for role, known, what in _NAMES:
        found = table.words & known
        if not found:
            yield from _by_ending(table, role, known, what)
            continue
        weight = 4.0 if last in found or joined in found else 2.0
        yield Observation(role, weight, f"The name “{table.profile.name}” speaks of {what}.")
    if last in words.LINE_TABLES and table.words & words.TRANSACTION_TABLES:
        yield Observation(TableRole.TRANSACTION, 2.0, "The name says these are the lines of a transaction.")


def _by_ending(table: Subject, role: TableRole, known: frozenset[str], what: str) -> Iterator[Observation]:
    """Compounds: Kundenbestellungen ends with bestellungen."""
    last = table.last_word
    if any(len(word) >= 5 and len(last) > len(word) and last.endswith(word) for word in known):
        yield Observation(role, 3.0, f"The name “{table.profile.name}” ends like names of {what}.")


def _by_people(table: Subject) -> Iterator[Observation]:
    contacts = [column for column in table.columns if column.pii in _CONTACT_KINDS or column.words & _CONTACT_WORDS]
    if contacts:
        weight = min(3.0, 1.2 * len(contacts))
        yield Observation(TableRole.USER, weight, f"Holds contact details ({_list(contacts)}).")
    key = table.key
    if contacts and key is not None and called_after(key, table):
        yield Observation(TableRole.USER, 1.0, f"One row per {key.name}.")
    joined = [column for column in table.of(SemanticType.TIME) if column.words & words.JOIN_TIME_WORDS]
    if contacts and joined:
        yield Observation(TableRole.USER, 0.8, f"Knows when somebody joined ({joined[0].name}).")


def _by_money(table: Subject) -> Iterator[Observation]:
    totals = [column for column in table.money if not column.words & words.SECONDARY_MONEY_WORDS]
    lines = [column for column in table.quantities if column.words & words.QUANTITY_OF_LINE]
    timed = table.of(SemanticType.TIME)
    if totals and timed:
        yield Observation(TableRole.TRANSACTION, 2.5, f"Each row has a money amount ({totals[0].name}) and a time.")
    elif totals and table.links:
        yield Observation(TableRole.TRANSACTION, 1.5, f"Each row has a money amount ({totals[0].name}).")
    elif totals:
        yield Observation(TableRole.TRANSACTION, 0.4, f"Holds a money amount ({totals[0].name}).")
    if totals and lines and table.links:
        yield Observation(
            TableRole.TRANSACTION, 1.5, f"Price and quantity per row ({totals[0].name}, {lines[0].name})."
        )
    if len(table.links) >= 2 and totals:
        yield Observation(TableRole.TRANSACTION, 0.5, f"Points at other tables ({_list(table.links)}).")


def _by_time(table: Subject) -> Iterator[Observation]:
    times = [column for column in table.of(SemanticType.TIME) if not column.words & words.WEAK_TIME_WORDS]
    if not times:
        return
    exact = [column for column in times if base_type(column.profile.type) != "DATE"]
    who = [column for column in table.links if column.words & _WHO_WORDS]
    kinds = [
        column for column in table.of(SemanticType.DIMENSION) if column.words & {"event", "action", "type", "page"}
    ]
    if exact and who and not table.money:
        yield Observation(TableRole.EVENT, 1.5, f"Each row says who ({who[0].name}) and when ({exact[0].name}).")
    if kinds and exact and not table.money:
        yield Observation(TableRole.EVENT, 1.0, f"Each row is of a kind ({kinds[0].name}) at a time.")
    if table.rows >= _MANY and not table.money:
        yield Observation(TableRole.EVENT, 1.0, f"Many rows ({table.rows:,}) over time.")
    measures = [column for column in table.of(SemanticType.AMOUNT) if column not in table.money]
    if measures:
        yield Observation(TableRole.EVENT, 1.2, f"Measures over time ({_list(measures)}).")
    unique = [column for column in times if column.unique]
    if unique and not measures and not table.money:
        yield Observation(TableRole.EVENT, 0.6, f"Each row has its own time ({unique[0].name}).")


def _by_state(table: Subject) -> Iterator[Observation]:
    states = [column for column in table.columns if column.words & _STATE_WORDS and not column.unique]
    times = table.of(SemanticType.TIME)
    closing = [column for column in times if column.words & words.WEAK_TIME_WORDS]
    periods = [column for column in times if column.words & _PERIOD_WORDS]
    if states and closing:
        reason = f"Has a state ({states[0].name}) and the time it changes ({closing[0].name})."
        yield Observation(TableRole.STATE, 1.4, reason)
    if len(periods) >= 2:
        yield Observation(TableRole.STATE, 1.0, f"Rows last for a period ({_list(periods)}).")


def _by_size(table: Subject) -> Iterator[Observation]:
    if "dim" in tokens(table.profile.name):
        yield Observation(TableRole.CONFIG, 1.0, "The prefix says dimension.")
    if table.of(SemanticType.TIME):
        return
    if 0 < table.rows <= _SMALL and not table.links:
        yield Observation(TableRole.CONFIG, 1.5, f"Small ({table.rows:,} rows), no time column, points nowhere.")
    elif not table.links:
        yield Observation(TableRole.CONFIG, 0.8, "No time column, points nowhere.")
    elif 0 < table.rows <= _SMALL and not table.money:
        yield Observation(TableRole.CONFIG, 0.8, f"Small ({table.rows:,} rows) and without time.")
    elif len(table.columns) == len(table.of(SemanticType.ID)):
        yield Observation(TableRole.CONFIG, 2.0, "Only ids: it connects other tables.")


def _list(columns: list[Meaning]) -> str:
    return ", ".join(column.name for column in columns[:3])
