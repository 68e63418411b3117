"""Precision, recall and F2 of protection per class, over a corpus of columns whose truth is known."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.policies.engine.pii.verdict import PiiKind


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of columns protected rightly, wrongly, and missed."""

    kind: PiiKind
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f2(self) -> float:
        """Weighs a miss four times as heavy as a false alarm."""
        bottom = 4 * self.precision + self.recall
        return 5 * self.precision * self.recall / bottom if bottom else 0.0


def scores(outcomes: Iterable[tuple[PiiKind | None, PiiKind | None]]) -> list[Score]:
    """From (truth, protected as) of each column to a score per class that occurs; None is not protected."""
    pairs = list(outcomes)
    found = []
    for kind in PiiKind:
        right = sum(truth is kind and seen is kind for truth, seen in pairs)
        wrong = sum(truth is not kind and seen is kind for truth, seen in pairs)
        missed = sum(truth is kind and seen is not kind for truth, seen in pairs)
        if right + wrong + missed:
            found.append(Score(kind, right, wrong, missed))
    return found


def table(rows: Iterable[Score]) -> str:
    """The scores as a Markdown table."""
    lines = ["| class | columns | precision | recall | F2 |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.kind} | {row.right + row.missed} | {row.precision:.2f} | {row.recall:.2f} | {row.f2:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)
