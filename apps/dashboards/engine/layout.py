"""Places cards on the 18-unit grid, top to bottom, always the same way for the same cards.

1. Take the cards in order. A full card takes a row of its own.
2. A half card stands left and waits; the next card, when it is half too, stands right of it.
3. A row is as high as its highest card; the next row starts below it, so nothing overlaps.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from apps.dashboards.enums import CardKind, CardWidth

GRID_UNITS: Final = 18
WIDTHS: Final = MappingProxyType({CardWidth.HALF: 9, CardWidth.FULL: 18})
HEIGHTS: Final = MappingProxyType(
    {
        CardKind.SCALAR: 4,
        CardKind.SPARKLINE: 6,
        CardKind.LINE: 8,
        CardKind.BAR: 8,
        CardKind.TABLE: 10,
        CardKind.HEATMAP: 12,
    }
)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a card stands: left edge, top edge, width, height, in grid units."""

    x: int
    y: int
    w: int
    h: int

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share any area."""
        return (
            self.x < other.x + other.w
            and other.x < self.x + self.w
            and self.y < other.y + other.h
            and other.y < self.y + self.h
        )


def arrange(cards: Iterable[tuple[CardKind, CardWidth]]) -> list[Box]:
    """One box for each card, in the order given."""
    boxes: list[Box] = []
    waiting: Box | None = None
    row = 0
    for kind, width in cards:
        w, h = WIDTHS[width], HEIGHTS[kind]
        if waiting is not None and width is CardWidth.HALF:
            boxes.append(Box(WIDTHS[CardWidth.HALF], row, w, h))
            row, waiting = row + max(waiting.h, h), None
            continue
        if waiting is not None:
            row, waiting = row + waiting.h, None
        box = Box(0, row, w, h)
        boxes.append(box)
        if width is CardWidth.FULL:
            row += h
        else:
            waiting = box
    return boxes
