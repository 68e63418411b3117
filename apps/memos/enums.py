"""The closed sets of words memos use."""

from enum import StrEnum


class Significance(StrEnum):
    """How much a change matters, smallest first; UNKNOWN when there is nothing to compare."""

    UNKNOWN = "unknown"
    MINOR = "minor"
    MODERATE = "moderate"
    NOTABLE = "notable"
    MAJOR = "major"


class DeltaCase(StrEnum):
    """Which comparison was possible."""

    COMPARED = "compared"
    FROM_ZERO = "from_zero"
    TO_ZERO = "to_zero"
    BOTH_ZERO = "both_zero"
    NO_CURRENT = "no_current"
    NO_PREVIOUS = "no_previous"
    NO_DATA = "no_data"


class EvidenceType(StrEnum):
    """What a stated cause rests on."""

    DATA_SUPPORTED = "data_supported"
    SPECULATIVE = "speculative"


class ValidationStatus(StrEnum):
    """How the memo's text came through the checks."""

    PASSED = "passed"
    PASSED_WITH_WARNINGS = "passed_with_warnings"
    REGENERATED = "regenerated"
    FALLBACK = "fallback"


class NoteLevel(StrEnum):
    """How loudly a data-quality note speaks; WARNING must be mentioned in the memo."""

    INFO = "info"
    WARNING = "warning"
