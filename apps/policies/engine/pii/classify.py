"""From distinct values and a name to one verdict for a column.

1. Every recogniser counts how many distinct values pass its pattern and validator.
2. A count confirms when luck cannot explain it (Chernoff bound on the binomial tail) and the share reaches its floor;
   a name that agrees lowers the bar, a recogniser that needs a name never confirms without.
3. Deterministic evidence wins over probabilistic; then the larger share. E-mail inside free text counts on its own.
4. Short of that: some evidence, or a name alone, is a question for a person (LOW).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from apps.policies.engine.pii import names
from apps.policies.engine.pii.recognisers import RECOGNISERS, Recogniser, emails_in
from apps.policies.engine.pii.tokens import tokens
from apps.policies.engine.pii.verdict import Evidence, PiiKind, PiiVerdict, Tier, digest, mask

_LUCK = 1e-4
_LUCK_WITH_NAME = 0.35
_NEVER_CONFIRMED = frozenset({PiiKind.PERSON_NAME})
_EVIDENCE_KEPT = 5
_NUMBER_KINDS = frozenset(
    {PiiKind.PHONE, PiiKind.PAYMENT_CARD, PiiKind.SSN, PiiKind.NATIONAL_ID, PiiKind.DATE_OF_BIRTH}
)
_CALENDAR_TYPES = frozenset({"DATE", "DATETIME", "TIMESTAMP"})
_NUMBER_TYPES = frozenset({"INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64"})
_VERSION_WORDS = frozenset({"version", "build", "release", "firmware", "ver"})


@dataclass(frozen=True, slots=True)
class _Finding:
    recogniser: Recogniser
    hits: tuple[str, ...]
    distinct: int
    named: bool

    @property
    def rate(self) -> float:
        return len(self.hits) / self.distinct if self.distinct else 0.0

    @property
    def confirms(self) -> bool:
        recogniser = self.recogniser
        if recogniser.kind in _NEVER_CONFIRMED or (recogniser.needs_name and not self.named):
            return False
        if self.rate < recogniser.floor:
            return False
        if recogniser.needs_name:
            return True
        return luck(len(self.hits), self.distinct, recogniser.chance) <= (_LUCK_WITH_NAME if self.named else _LUCK)


def classify_column(
    name: str, type_: str, values: Mapping[str, int], *, table: str = "", key: bytes = b"atom"
) -> PiiVerdict:
    """The verdict for a column whose distinct sampled `values` (as text, with counts) are given.

    `key` salts the digests of the evidence. Empty values and values already redacted are ignored.
    """
    kind_by_name = _suggested(name, type_, table)
    cleaned: dict[str, int] = {}
    for value, count in values.items():
        text = value.strip()
        if text and not text.startswith("[REDACTED"):
            cleaned[text] = cleaned.get(text, 0) + count
    if type_ in {"BOOL", "BYTES"}:
        return PiiVerdict(Tier.NONE)
    findings = [finding for finding in _findings(name, type_, cleaned, kind_by_name) if finding.hits]
    confirmed = [finding for finding in findings if finding.confirms]
    if confirmed:
        best = max(confirmed, key=lambda finding: (finding.recogniser.deterministic, finding.rate, finding.named))
        return _verdict(Tier.HIGH, best, cleaned, key)
    embedded = _embedded_email(cleaned, key)
    if embedded is not None:
        return embedded
    return _question(kind_by_name, findings, cleaned, key)


def luck(hits: int, trials: int, chance: float) -> float:
    """Upper bound on the probability that `trials` unrelated values give at least `hits` (Chernoff)."""
    if not trials:
        return 1.0
    rate = hits / trials
    if rate <= chance:
        return 1.0
    divergence = rate * math.log(rate / chance)
    if rate < 1:
        divergence += (1 - rate) * math.log((1 - rate) / (1 - chance))
    return math.exp(-trials * divergence)


def _suggested(name: str, type_: str, table: str) -> PiiKind | None:
    kind = names.suggests(name, table=table)
    if type_ == "BOOL":
        return None
    if type_ in _CALENDAR_TYPES:
        return kind if kind is PiiKind.DATE_OF_BIRTH else None
    if type_ in _NUMBER_TYPES:
        return kind if kind in _NUMBER_KINDS or kind is PiiKind.LOCATION else None
    return kind


def _findings(name: str, type_: str, values: Mapping[str, int], named: PiiKind | None) -> list[_Finding]:
    found = []
    for recogniser in RECOGNISERS:
        if not _applies(recogniser, name, type_, named):
            continue
        hits = tuple(value for value in values if recogniser.matches(value))
        found.append(_Finding(recogniser, hits, len(values), named is recogniser.kind))
    return found


def _applies(recogniser: Recogniser, name: str, type_: str, named: PiiKind | None) -> bool:
    if recogniser.needs_name and named is not recogniser.kind:
        return False
    if recogniser.kind is PiiKind.IP_ADDRESS and _VERSION_WORDS & set(tokens(name)):
        return False
    if type_ in _CALENDAR_TYPES:
        return recogniser.kind is PiiKind.DATE_OF_BIRTH
    if type_ in _NUMBER_TYPES:
        return recogniser.kind in _NUMBER_KINDS
    return True


def _verdict(tier: Tier, finding: _Finding, values: Mapping[str, int], key: bytes) -> PiiVerdict:
    kind = finding.recogniser.kind
    basis = "values and name" if finding.named else "values"
    share = f"{len(finding.hits)} of {finding.distinct} distinct values"
    why = "pass pattern and validator" if finding.recogniser.deterministic else "look like it"
    name_note = ", and the name agrees" if finding.named else ""
    return PiiVerdict(
        tier,
        kind,
        basis,
        f"{share} {why} for {kind.replace('_', ' ')}{name_note}.",
        len(finding.hits),
        finding.distinct,
        round(finding.rate, 4),
        finding.recogniser.chance,
        _evidence(finding.hits, values, key),
    )


def _evidence(hits: tuple[str, ...], values: Mapping[str, int], key: bytes) -> tuple[Evidence, ...]:
    top = sorted(hits, key=lambda value: (-values[value], value))[:_EVIDENCE_KEPT]
    return tuple(Evidence(mask(value), digest(value, key), values[value]) for value in top)


def _embedded_email(values: Mapping[str, int], key: bytes) -> PiiVerdict | None:
    """Addresses inside text: three distinct ones in a twentieth of the values protect, fewer ask."""
    holders = {value: found for value in values if (found := emails_in(value))}
    if not holders:
        return None
    distinct = {address.lower() for found in holders.values() for address in found}
    rate = len(holders) / len(values)
    tier = Tier.HIGH if len(distinct) >= 3 and rate >= 0.05 else Tier.LOW
    reason = f"{len(holders)} of {len(values)} distinct texts hold an e-mail address."
    evidence = tuple(Evidence(mask(address), digest(address, key), 1) for address in sorted(distinct)[:_EVIDENCE_KEPT])
    return PiiVerdict(tier, PiiKind.EMAIL, "values", reason, len(holders), len(values), round(rate, 4), 1e-4, evidence)


def _question(named: PiiKind | None, findings: list[_Finding], values: Mapping[str, int], key: bytes) -> PiiVerdict:
    backed = [
        f for f in findings if f.named or (f.rate >= 0.2 and luck(len(f.hits), f.distinct, f.recogniser.chance) < 0.1)
    ]
    if backed:
        return _verdict(Tier.LOW, max(backed, key=lambda finding: (finding.named, finding.rate)), values, key)
    if named is None:
        return PiiVerdict(Tier.NONE, distinct=len(values))
    reason = f"The name suggests {named.replace('_', ' ')}; no value confirms it."
    return PiiVerdict(Tier.LOW, named, "name", reason, distinct=len(values))
