"""Topic names and the patterns that say what may be done with them: `workflow.{id}` matches `workflow.018f…`."""

import re
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_:-]|\.(?=[A-Za-z0-9])){0,127}")


def is_name(text: str) -> bool:
    """Whether `text` can be a topic: dot-separated segments, at most 128 characters."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A topic pattern; a segment in braces captures one segment of the name."""

    text: str
    segments: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.text.split(".")))

    def match(self, topic: str) -> dict[str, str] | None:
        """The captured segments, or None when `topic` is not of this pattern."""
        parts = topic.split(".")
        if len(parts) != len(self.segments):
            return None
        captured: dict[str, str] = {}
        for wanted, part in zip(self.segments, parts, strict=True):
            if wanted.startswith("{"):
                captured[wanted[1:-1]] = part
            elif wanted != part:
                return None
        return captured
