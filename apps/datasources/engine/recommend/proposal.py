"""The recommendation for each table of a datasource: role, reasons, fields, keys; what a person then confirms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.datasources.contracts import TableRole
from apps.datasources.engine.classify.roles import Classification, classify
from apps.datasources.engine.classify.subject import Subject
from apps.datasources.engine.recommend import amounts, fields
from apps.datasources.engine.recommend.keys import KeyGuess, time_lender

_LENDERS = frozenset({TableRole.TRANSACTION, TableRole.EVENT})
"""Things that happen lend their time; a customer's sign-up says nothing about when an order line was."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One table's recommendation. `lender` is the key over which its time is borrowed."""

    classification: Classification
    time: fields.Choice | None
    amount: amounts.Amount | None
    entity: fields.Choice | None
    dimensions: tuple[str, ...]
    keys: tuple[KeyGuess, ...] = ()
    lender: KeyGuess | None = None
    lent_time: str | None = None

    @property
    def role(self) -> TableRole:
        return self.classification.role

    @property
    def notes(self) -> tuple[str, ...]:
        """Why these fields, in words."""
        choices = (self.time, self.amount, self.entity)
        found = [choice.reason for choice in choices if choice is not None]
        if self.time is None and self.lender is None:
            found.append("No column says when a row happened, so there are no trends for this table.")
        return tuple(found)


def propose(table: Subject) -> Proposal:
    """The recommendation for one table by itself."""
    verdict = classify(table)
    role = verdict.role
    return Proposal(
        verdict,
        fields.time_column(table, role),
        amounts.amount(table, role),
        fields.entity_key(table, role),
        fields.dimensions(table),
    )


def propose_all(tables: Sequence[Subject], settled_keys: Sequence[KeyGuess] = ()) -> tuple[Proposal, ...]:
    """Recommendations for all tables, with the keys between them and borrowed times."""
    alone = [propose(table) for table in tables]
    times = [item.time.column if item.time and item.role in _LENDERS else None for item in alone]
    own = [item.time.column if item.time else None for item in alone]
    found = []
    for place, item in enumerate(alone):
        lender = time_lender(place, settled_keys, [*times[:place], own[place], *times[place + 1 :]])
        keys = tuple(guess for guess in settled_keys if guess.child == place)
        found.append(replace(item, keys=keys, lender=lender, lent_time=times[lender.parent] if lender else None))
    return tuple(found)
