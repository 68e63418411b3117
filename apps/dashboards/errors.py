"""Errors of the dashboards app."""

from apps.core.errors import AtomError, Conflict, Upstream


class NothingToShow(Conflict):
    """No confirmed table gives any card."""

    default_code = "NOTHING_CONFIRMED"


class CardFailed(Conflict):
    """The engine refuses a card's query: the data no longer is what was confirmed."""

    title, default_code = "The card cannot be shown", "CARD_FAILED"


class MalformedAnswer(Upstream):
    """The engine answered something a card cannot show."""

    title, default_code = "Unusable answer", "MALFORMED_RESPONSE"
    transient = False


def reason_of(error: AtomError) -> str:
    """Why a card was left out, in a sentence fit to show."""
    return error.message or error.title
