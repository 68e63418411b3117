"""Foreign keys guessed from names and types, to be weighed by the overlap of their values; and borrowed times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from apps.datasources.contracts import SemanticType
from apps.datasources.engine.classify.subject import Subject, called_after, stem, subject_words
from apps.datasources.engine.profiling.families import family_of
from apps.datasources.engine.semantics import words
from apps.datasources.engine.semantics.columns import Meaning
from apps.policies.engine.pii.tokens import tokens

MAX_GUESSES = 80
_OVERLAP_NEEDED = 0.8


@dataclass(frozen=True, slots=True)
class KeyGuess:
    """`column` of the table at `child` may point at `ref_column` of the table at `parent` (places in the list)."""

    child: int
    column: str
    parent: int
    ref_column: str
    by_name: float
    overlap: float | None = None

    @property
    def confidence(self) -> float:
        """The name alone counts half; values found in the other table make it sure, missing ones refute it."""
        if self.overlap is None:
            return round(0.5 * self.by_name, 2)
        if self.overlap < _OVERLAP_NEEDED:
            return round(0.3 * self.by_name * self.overlap, 2)
        return round(min(0.99, 0.5 * self.by_name + 0.5 * self.overlap), 2)

    def weighed(self, overlap: float | None) -> "KeyGuess":
        return replace(self, overlap=overlap)


def guesses(tables: Sequence[Subject]) -> tuple[KeyGuess, ...]:
    """Pairs worth checking, best names first, at most one parent a column after sorting (see `settled`)."""
    found = [guess for child in range(len(tables)) for guess in _of_child(tables, child)]
    return tuple(sorted(found, key=lambda guess: -guess.by_name)[:MAX_GUESSES])


def _of_child(tables: Sequence[Subject], child: int) -> Iterator[KeyGuess]:
    table = tables[child]
    for column in table.of(SemanticType.ID):
        if column is table.key and called_after(column, table):
            continue
        for parent, other in enumerate(tables):
            key = other.key
            if parent == child or key is None or other.rows == 0 or not _leads(key, other):
                continue
            if family_of(key.profile.type) is not family_of(column.profile.type):
                continue
            by_name = _alike(column, key, other)
            if by_name:
                yield KeyGuess(child, column.name, parent, key.name, by_name)


def _leads(key: Meaning, table: Subject) -> bool:
    """Whether a unique id is the table's own: called after it, or its first column."""
    return called_after(key, table) or key.profile.position == 0


def _alike(column: Meaning, key: Meaning, parent: Subject) -> float:
    mine, theirs = "".join(tokens(column.name)), "".join(tokens(key.name))
    if mine == theirs and mine not in words.ID_WORDS:
        return 1.0
    parts = subject_words(column.name)
    if not parts:
        return 0.0
    stems = {stem(word) for word in parent.words}
    if stem("".join(parts)) in stems:
        return 0.95
    if mine not in words.ID_WORDS and mine.endswith(theirs) and len(theirs) > 4:
        return 0.8
    return 0.7 if stem(parts[-1]) in stems else 0.0


def settled(checked: Sequence[KeyGuess], *, at_least: float = 0.45) -> tuple[KeyGuess, ...]:
    """The best guess for each column, if it is good enough."""
    best: dict[tuple[int, str], KeyGuess] = {}
    for guess in checked:
        place = (guess.child, guess.column)
        if guess.confidence >= at_least and guess.confidence > (best[place].confidence if place in best else 0):
            best[place] = guess
    return tuple(best.values())


def time_lender(child: int, settled_keys: Sequence[KeyGuess], times: Sequence[str | None]) -> KeyGuess | None:
    """The key over which a table without a time reaches one: order lines find the order's date."""
    if times[child] is not None:
        return None
    reachable = [guess for guess in settled_keys if guess.child == child and times[guess.parent] is not None]
    return max(reachable, key=lambda guess: guess.confidence, default=None)
