"""One recogniser a kind: an anchored pattern, a validator, and the share of unrelated values that pass by chance."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn
from stdnum.us import ssn

from apps.policies.engine.pii import national
from apps.policies.engine.pii.verdict import PiiKind

_EMAIL = re.compile(r"[A-Za-z0-9._%+\-']{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}")
_PHONE_INTERNATIONAL = re.compile(r"(?:\+|00)[1-9][\d\s().\-/]{6,20}(?:\s?(?:x|ext\.?)\s?\d{1,6})?")
_PHONE_FORMATTED = re.compile(
    r"\(?\d{1,6}\)?[\s.\-/](?:\(?\d{1,5}\)?[\s.\-/]){0,4}\d{2,8}(?:\s?(?:x|ext\.?)\s?\d{1,6})?"
)
_PHONE_DIGITS = re.compile(r"\d{7,15}")
_NORTH_AMERICAN = re.compile(r"(?:\+?1[\s.\-])?(?:\(\d{3}\)\s?|\d{3}[\s.\-])\d{3}[\s.\-]\d{4}")
_CARD = re.compile(r"\d(?:[ \-]?\d){12,18}")
_CARD_ISSUER = re.compile(
    r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|35(?:2[89]|[3-8]\d)\d{12})"
)
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_IPV6 = re.compile(r"[0-9A-Fa-f:]{2,39}(?::\d{1,3}(?:\.\d{1,3}){3})?")
_DATE = re.compile(r"(?:19|20)\d\d-\d{1,2}-\d{1,2}(?:[T ].*)?|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d{6}")
_STREET_WORD = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|square|sq|way|terrace|parkway|"
    r"pkwy|highway|hwy|circle|cir|crescent|mews|close)\b\.?"
)
_STREET = re.compile(
    rf"\d{{1,6}}[A-Za-z]?,?\s+(?:[\w.'\-]+\s+){{1,4}}{_STREET_WORD}.*"
    r"|[\w.'\- ]*(?:straße|strasse|str\.|weg|platz|allee|gasse|straat|laan|gatan|vej)\s+\d{1,5}\s?[A-Za-z]?\b.*"
    r"|(?:\d{1,5},?\s+)?(?:bis\s+|ter\s+)?(?:rue|boulevard|avenue|place|allée|chemin|quai|impasse|via|viale|corso|"
    r"piazza|calle|avda\.?|av\.|plaza|paseo|c/|rua|rambla)\s+.{2,}",
    re.IGNORECASE,
)
_PERSON = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’\-]+\.?(?:\s+(?:[A-ZÀ-ÖØ-Þ][\w'’\-]*\.?|de|van|von|der|di|la|da)){0,4}")
_SECRET_SHAPE = re.compile(
    r"\$(?:2[abxy]|argon2\w*|5|6|pbkdf2\S*)\$\S{10,}|pbkdf2_\S{20,}|(?:sk|pk|ghp|xox[bp])[_\-]\S{8,}|eyJ\S{20,}"
    r"|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}"
)
_PHONE_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "BR", "AU", "CH", "AT", "SE", "MX")


@dataclass(frozen=True, slots=True)
class Recogniser:
    """`chance`: share of unrelated values that pass; `floor`: least share of distinct values that must pass.

    `needs_name`: values alone never confirm, the column's name has to agree.
    """

    kind: PiiKind
    matches: Callable[[str], bool]
    chance: float
    floor: float = 0.6
    needs_name: bool = False
    deterministic: bool = True


def is_email(value: str) -> bool:
    return _EMAIL.fullmatch(value) is not None


def emails_in(value: str) -> list[str]:
    """E-mail addresses inside a longer text."""
    return _EMAIL.findall(value) if "@" in value else []


def is_international_phone(value: str) -> bool:
    return _PHONE_INTERNATIONAL.fullmatch(value) is not None and _valid_phone("+" + value.lstrip("+0"), None)


def is_formatted_phone(value: str) -> bool:
    """A North American number with its separators: specific enough to stand without a name."""
    return _NORTH_AMERICAN.fullmatch(value) is not None and _valid_phone(value, "US")


def is_national_phone(value: str) -> bool:
    """A number that some country would dial; needs a name beside it, many plain numbers pass."""
    if is_international_phone(value):
        return True
    if not (_PHONE_FORMATTED.fullmatch(value) or _PHONE_DIGITS.fullmatch(value)):
        return False
    return sum(map(str.isdigit, value)) >= 7 and any(_possible_phone(value, region) for region in _PHONE_REGIONS)


def _valid_phone(value: str, region: str | None) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(value, region)))
    except phonenumbers.NumberParseException:
        return False


def _possible_phone(value: str, region: str) -> bool:
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(value, region)))
    except phonenumbers.NumberParseException:
        return False


def is_payment_card(value: str) -> bool:
    if _CARD.fullmatch(value) is None:
        return False
    digits = value.replace(" ", "").replace("-", "")
    return len(set(digits)) > 2 and _CARD_ISSUER.fullmatch(digits) is not None and bool(luhn.is_valid(digits))


def is_ssn(value: str) -> bool:
    return _SSN.fullmatch(value) is not None and bool(ssn.is_valid(value))


def is_undashed_ssn(value: str) -> bool:
    return len(value) == 9 and value.isdigit() and bool(ssn.is_valid(value))


def is_iban(value: str) -> bool:
    return _IBAN.fullmatch(value) is not None and bool(iban.is_valid(value, check_country=False))


def is_ip_address(value: str) -> bool:
    if not (_IPV4.fullmatch(value) or (":" in value and _IPV6.fullmatch(value))):
        return False
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return address.version == 6 or value.split(".")[0] != "0"


def is_date(value: str) -> bool:
    return _DATE.fullmatch(value) is not None


def is_street_address(value: str) -> bool:
    return _STREET.fullmatch(value) is not None


def is_address_like(value: str) -> bool:
    """Words and a number: enough beside a name that says address."""
    return is_street_address(value) or (any(map(str.isdigit, value)) and " " in value and any(map(str.isalpha, value)))


def is_person_name(value: str) -> bool:
    return _PERSON.fullmatch(value) is not None


def is_secret(value: str) -> bool:
    return _SECRET_SHAPE.fullmatch(value) is not None


RECOGNISERS: tuple[Recogniser, ...] = (
    Recogniser(PiiKind.EMAIL, is_email, chance=1e-4, floor=0.02),
    Recogniser(PiiKind.IBAN, is_iban, chance=0.0104, floor=0.05),
    Recogniser(PiiKind.SSN, is_ssn, chance=0.02),
    Recogniser(PiiKind.SSN, is_undashed_ssn, chance=0.88, needs_name=True),
    Recogniser(PiiKind.PAYMENT_CARD, is_payment_card, chance=0.1, floor=0.4),
    Recogniser(PiiKind.IP_ADDRESS, is_ip_address, chance=0.05),
    Recogniser(PiiKind.PHONE, is_international_phone, chance=0.02),
    Recogniser(PiiKind.PHONE, is_formatted_phone, chance=0.02),
    Recogniser(PiiKind.PHONE, is_national_phone, chance=0.5, needs_name=True),
    *(
        Recogniser(PiiKind.NATIONAL_ID, scheme.matches, scheme.chance, needs_name=scheme.needs_name)
        for scheme in national.SCHEMES
    ),
    Recogniser(PiiKind.DATE_OF_BIRTH, is_date, chance=0.5, needs_name=True),
    Recogniser(PiiKind.ADDRESS, is_street_address, chance=0.02, floor=0.5, deterministic=False),
    Recogniser(PiiKind.ADDRESS, is_address_like, chance=0.5, needs_name=True, deterministic=False),
    Recogniser(PiiKind.CREDENTIAL, is_secret, chance=0.3, needs_name=True),
    Recogniser(PiiKind.PERSON_NAME, is_person_name, chance=0.9, needs_name=True, deterministic=False),
)
