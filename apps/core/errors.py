"""One family of errors: a stable code, a sentence fit to show, and what to do next.

The message of an error is shown to people: it never holds SQL of ours, a path, a secret or personal data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class NextStep:
    """A way on: a label and, where there is one, a link."""

    label: str
    href: str = ""


class AtomError(Exception):
    """Root of all errors that may reach a person or a program outside."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    default_code: ClassVar[str] = "INTERNAL_ERROR"
    transient: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        next_steps: Sequence[NextStep | str] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> None:
        self.message = message or self.title
        self.code = code or self.default_code
        self.next_steps = tuple(NextStep(step) if isinstance(step, str) else step for step in next_steps)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.context = context
        super().__init__(self.message)


class InvalidInput(AtomError):
    """The request can be read but asks for something malformed."""

    status, title, default_code = 400, "Invalid input", "INVALID_INPUT"


class Unauthorised(AtomError):
    """Nobody is logged in, or the token is not (or no longer) good."""

    status, title, default_code = 401, "Not logged in", "UNAUTHORISED"


class Forbidden(AtomError):
    """The caller is known but may not do this."""

    status, title, default_code = 403, "Not allowed", "PERMISSION_DENIED"


class NotFound(AtomError):
    """There is no such thing, or it belongs to another tenant: the two answer alike."""

    status, title, default_code = 404, "Not found", "NOT_FOUND"


class MethodNotAllowed(AtomError):
    """The address exists, the method does not."""

    status, title, default_code = 405, "Method not allowed", "METHOD_NOT_ALLOWED"


class NotAcceptable(AtomError):
    """The answer exists in no form that the caller accepts."""

    status, title, default_code = 406, "Not acceptable", "NOT_ACCEPTABLE"


class Conflict(AtomError):
    """The object is in another state than the request assumes."""

    status, title, default_code = 409, "Conflict", "CONFLICT"


class NeedsApproval(Conflict):
    """Allowed once another person approves; `extra` carries approval_id and estimate."""

    title, default_code = "Approval needed", "NEEDS_APPROVAL"


class TooLarge(AtomError):
    """The body or value is larger than the limit."""

    status, title, default_code = 413, "Too large", "TOO_LARGE"


class UnsupportedMedia(AtomError):
    """The content type is not one the route reads."""

    status, title, default_code = 415, "Unsupported content type", "UNSUPPORTED_MEDIA_TYPE"


class PolicyViolation(AtomError):
    """The policy gate said no."""

    status, title, default_code = 422, "Blocked by policy", "POLICY_VIOLATION"


class LimitReached(AtomError):
    """A rate, budget or concurrency limit is used up."""

    status, title, default_code = 429, "Limit reached", "LIMIT_REACHED"

    def __init__(self, message: str = "", *, retry_after: int = 1, **kwargs: Any) -> None:
        super().__init__(message, **kwargs)
        self.retry_after = retry_after
        self.headers.setdefault("Retry-After", str(max(1, retry_after)))


class Upstream(AtomError):
    """A system behind ATOM failed or answered nonsense; worth trying again."""

    status, title, default_code = 502, "Upstream failure", "TRANSIENT_ERROR"
    transient = True


class Unavailable(Upstream):
    """A part ATOM needs for this is out; worth trying again."""

    status, title, default_code = 503, "Unavailable", "UNAVAILABLE"


class QueryTimeout(Upstream):
    """The statement ran longer than its limit."""

    status, title, default_code = 504, "Timed out", "TIMEOUT"


class NoTenant(AtomError):
    """A tenant's table was touched with no tenant entered: a defect of ours, refused."""

    default_code = "NO_TENANT"


class TenantChangedInTransaction(AtomError):
    """The tenant was changed inside an open transaction: a defect of ours, refused."""

    default_code = "TENANT_CHANGED"
