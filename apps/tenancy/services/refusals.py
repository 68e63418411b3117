"""Why somebody cannot get in, said to members alone: suspended, being removed, or moved to another address."""

from uuid import UUID

from apps.core.errors import AtomError
from apps.tenancy.selectors import addresses
from apps.tenancy.services import personal_tokens, tokens


def explained(problem: AtomError, *, slug: str = "", user_id: UUID | None = None, token: str = "") -> AtomError:
    """`problem`, or the better-informed error where the workspace itself is closed."""
    standing = None
    if slug and user_id:
        standing = addresses.standing_of(slug, user_id)
    elif token and problem.code == "TOKEN_REVOKED":
        standing = _behind(token)
    return standing.refusal() if standing and not standing.is_open else problem


def _behind(token: str) -> addresses.Standing | None:
    if token.startswith(personal_tokens.PREFIX):
        return addresses.standing_of_personal_token(personal_tokens.hash_of(token))
    try:
        return addresses.standing_of_membership(tokens.read(token).membership_id)
    except AtomError:
        return None
