"""What recognition concludes about a column. Holds shapes, digests and counts; never a value."""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

RECOGNISER_VERSION = "2026.11.2"


class PiiKind(StrEnum):
    """The classes of personal data told apart."""

    EMAIL = "email"
    PHONE = "phone"
    PAYMENT_CARD = "payment_card"
    SSN = "ssn"
    IBAN = "iban"
    IP_ADDRESS = "ip_address"
    DATE_OF_BIRTH = "date_of_birth"
    ADDRESS = "address"
    PERSON_NAME = "person_name"
    NATIONAL_ID = "national_id"
    CREDENTIAL = "credential"
    LOCATION = "location"


class Tier(StrEnum):
    """HIGH is protected at once; LOW waits for a person; NONE is nothing to ask about."""

    HIGH = "high"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One distinct value that matched: its shape, a keyed digest and how often it was seen."""

    mask: str
    digest: str
    count: int


@dataclass(frozen=True, slots=True)
class PiiVerdict:
    """`rate` is the share of distinct values that passed pattern and validator; `chance` what luck alone would give."""

    tier: Tier
    kind: PiiKind | None = None
    basis: str = ""
    reason: str = "Nothing in the name or the values looks like personal data."
    hits: int = 0
    distinct: int = 0
    rate: float = 0.0
    chance: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    version: str = RECOGNISER_VERSION


def mask(value: str) -> str:
    """The shape of a value: letters become a or A, digits 9, punctuation stays."""
    return "".join(_mask_char(char) for char in value[:64])


def _mask_char(char: str) -> str:
    if char.isdigit():
        return "9"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return char


def digest(value: str, key: bytes) -> str:
    """A keyed digest: equal values can be told equal, but not guessed without the key."""
    return hmac.new(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]
