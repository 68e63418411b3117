"""What crosses the border of the app: anchors, who signs them, where they are kept, what a verification found."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol

import orjson


class Signer(Protocol):
    """Signs the head of a chain. `algorithm` is written beside the signature and finds the verifier again."""

    algorithm: str

    def sign(self, payload: bytes) -> str:
        """A signature as text."""

    def verify(self, payload: bytes, signature: str) -> bool:
        """Whether the signature is of this payload."""


class AnchorStore(Protocol):
    """Keeps anchors outside the database, in the order they were added."""

    def add(self, chain: str, line: bytes) -> None:
        """Keep one more line of a chain; durable when it returns."""

    def lines(self, chain: str) -> list[bytes]:
        """All lines of a chain, oldest first."""

    def forget(self, chain: str) -> None:
        """Remove the lines of a chain whose entries have been dropped."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a chain at one moment. `before` is the SHA-256 of the anchor before it, so none can be left out."""

    chain: str
    seq: int
    hash: str
    at: str
    before: str
    algorithm: str
    signature: str = ""

    def payload(self) -> bytes:
        """What the signature covers."""
        return orjson.dumps({**asdict(self), "signature": ""}, option=orjson.OPT_SORT_KEYS)

    def line(self) -> bytes:
        """The anchor as it is kept."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)


class Finding(StrEnum):
    """What is wrong with a chain."""

    NOTHING = ""
    ROW_BROKEN = "row_broken"
    TAIL_CUT = "tail_cut"
    HISTORY_REWRITTEN = "history_rewritten"
    PERSON_EDITED = "person_edited"
    ANCHOR_BROKEN = "anchor_broken"
    ANCHOR_MISSING = "anchor_missing"

    @property
    def words(self) -> str:
        """The finding as part of a sentence."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of a verification; `first_broken` is the first entry that does not fit, where there is one.

    `anchored_seq` is the last entry that a signed head outside the database vouches for (0: none yet).
    """

    entries: int
    last_seq: int
    first_broken: int | None = None
    finding: Finding = Finding.NOTHING
    anchored_seq: int = 0
    anchored_at: str = ""

    @property
    def whole(self) -> bool:
        """Whether every link holds and every anchor agrees."""
        return self.finding is Finding.NOTHING
