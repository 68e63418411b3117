"""The catalogue of error codes: each code an error may carry, its class, what it means, and what to do next.

One place: `docs/errors.md` and the OpenAPI document are made from it, and a test compares it with every code that the
source raises. Programs decide by code or class; sentences may change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class CodeClass(StrEnum):
    """What kind of trouble a code tells of."""

    RETRYABLE = "retryable"
    USER_ACTION = "user_action"
    SYSTEM_ERROR = "system_error"
    PLANNING_ERROR = "planning_error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `next_step` is what an error says that names no way on itself."""

    kind: CodeClass
    meaning: str
    next_step: str


_NEXT: Final = {
    CodeClass.RETRYABLE: "Try again in a moment.",
    CodeClass.USER_ACTION: "Change the request as the detail says, then send it again.",
    CodeClass.SYSTEM_ERROR: "Tell your operator the request id.",
    CodeClass.PLANNING_ERROR: "Change the question or the plan as the detail says.",
    CodeClass.WARNING: "Read what is missing before you rely on the answer.",
}


def _of(kind: CodeClass, rows: Mapping[str, str | tuple[str, str]]) -> dict[str, Code]:
    pairs = {name: row if isinstance(row, tuple) else (row, _NEXT[kind]) for name, row in rows.items()}
    return {name: Code(kind, meaning, step) for name, (meaning, step) in pairs.items()}


_RETRYABLE: Final = {
    "TIMEOUT": "The statement or call took longer than its limit.",
    "TRANSIENT_ERROR": "A system behind ATOM failed in a way that passes.",
    "TRANSIENT_NETWORK": "The network to a system behind ATOM failed (connector-side kind of TRANSIENT_ERROR).",
    "UNAVAILABLE": "A part that this needs is out.",
    "LIMIT_REACHED": ("A rate or concurrency limit is used up.", "Wait for the seconds in Retry-After."),
    "LOGIN_THROTTLED": ("Too many failed logins.", "Wait for the seconds in Retry-After."),
    "IDEMPOTENCY_IN_PROGRESS": ("A request with this key is being worked on.", "Ask again with the same key."),
    "KMS_UNREACHABLE": "The key service does not answer.",
    "VAULT_UNREACHABLE": "Vault does not answer.",
    "SECOND_READER_OUT": "The second SQL reader does not answer, and live execution needs it.",
    "WORKER_LOST": "The worker that did the step died; another takes it up.",
    "DISPATCH_FAILED": "The step could not be handed to a worker; it will be.",
    "CARD_FAILED": "A card of the dashboard could not be computed.",
}
_USER_ACTION: Final = {
    "INVALID_INPUT": "The request can be read but asks for something malformed.",
    "UNAUTHORISED": ("Nobody is logged in.", "Log in: POST /auth/login, then send the token as Bearer."),
    "PERMISSION_DENIED": ("The caller may not do this.", "Ask an admin of this workspace for a role that includes it."),
    "NOT_FOUND": ("There is no such thing, or it is not yours.", "Check the address and the id."),
    "METHOD_NOT_ALLOWED": ("The address does not know this method.", "Use one of the methods in Allow."),
    "NOT_ACCEPTABLE": ("The answer exists in no form that Accept names.", "Accept application/json."),
    "CONFLICT": ("The object is in another state than assumed.", "Read it again, then decide."),
    "NEEDS_APPROVAL": ("Another person has to approve first.", "Wait for the approval, then send it with its id."),
    "TOO_LARGE": ("The body or value is over the limit.", "Send less, or use the route for uploads."),
    "UNSUPPORTED_MEDIA_TYPE": ("The route does not read this content type.", "Send the body as application/json."),
    "POLICY_VIOLATION": "The policy gate said no.",
    "POLICY_BLOCKED": "The policy gate blocked the step's statement.",
    "QUOTA_EXCEEDED": ("A quota or budget is used up.", "Narrow the scope, or wait until the window has moved on."),
    "CANCELLED": "Somebody stopped it.",
    "APPROVAL_CLOSED": "The approval was decided, or it has expired.",
    "FOUR_EYES": ("Nobody approves what they asked for themselves.", "Ask another person with the scope."),
    "REAL_EXECUTION_OFF": ("Real execution is switched off here.", "Ask your operator; the sandbox works meanwhile."),
    "SIGNATURE_INVALID": ("The signed address has expired or was changed.", "Ask for a new one."),
    "CSRF_FAILED": ("The form has expired.", "Reload the page and send it again."),
    "LOGIN_FAILED": "E-mail or password is wrong.",
    "NO_LOGIN": "This person cannot log in this way.",
    "TOKEN_INVALID": ("The token is not one of ours.", "Log in again."),
    "TOKEN_EXPIRED": ("The token has expired.", "Use the refresh token."),
    "TOKEN_REVOKED": ("The token was revoked.", "Log in again."),
    "REFRESH_INVALID": ("The refresh token is not good.", "Log in again."),
    "REFRESH_REUSED": ("The refresh token was used twice; the login has ended.", "Log in again."),
    "TENANT_NEEDED": ("The person is in several workspaces.", "Name one in `tenant`."),
    "TENANT_MISMATCH": ("The token is for another workspace.", "Log in to that workspace."),
    "TENANT_EXISTS": "There is a workspace of this name.",
    "WAF_REFUSED": ("The request looks like an attack.", "Send such text in a field that is made for it."),
    "BROKEN_JSON": "The body is not valid JSON.",
    "BAD_CURSOR": ("The cursor is not one of ours.", "Begin again without a cursor."),
    "BAD_NAME": "The name does not follow the rules of names.",
    "BAD_PARTITION": "There is no such partition.",
    "BAD_PATH": "The path leaves its bucket, or is malformed.",
    "BAD_TRANSITION": "The object cannot go from its state to that one.",
    "NAME_TAKEN": "Something of this name exists.",
    "TABLE_EXISTS": "There is a table of this name.",
    "EMPTY_FILE": "The file holds no rows.",
    "BROKEN_FILE": "The file cannot be read as what it says it is.",
    "UNSUPPORTED_FILE": "Files of this kind cannot be loaded.",
    "SCHEMA_MISMATCH": "The file's columns differ from the table's.",
    "NO_FILE": "No file was sent.",
    "NO_HOST": "No host was given.",
    "NO_SECRET": "There is no secret of this name.",
    "NO_TABLES": "The datasource has no table to work on.",
    "NOT_POSTGRES": "This works on Postgres datasources alone.",
    "NOT_PUBLISHED": "The dashboard is not published.",
    "NOTHING_PROFILED": ("Nothing has been profiled yet.", "Profile the datasource first."),
    "NOTHING_CONFIRMED": ("No recommendation is confirmed yet.", "Confirm at least one table first."),
    "NOTHING_TO_REPORT": "There is nothing to write a memo about in this period.",
    "DATASOURCE_NOT_ACTIVE": ("The datasource is not active.", "Test and activate it first."),
    "TEST_FAILED": "The connection test failed.",
    "PROFILES_UNDER_WAY": ("As many profiles run as may run at once.", "Wait until one has ended."),
    "SQL_ERROR": "The database refuses the statement; its message is the detail.",
    "UNKNOWN_FLOW": "There is no workflow of this name.",
    "UNKNOWN_TYPE": "There is no datasource type of this name.",
    "IDEMPOTENCY_KEY_INVALID": "The key is not 1 to 200 printable characters.",
    "IDEMPOTENCY_KEY_REUSED": ("The key came with another request before.", "Use a new key for a new request."),
    "IDEMPOTENCY_ANSWER_NOT_KEPT": ("The request was done; its answer is not kept.", "Read the object instead."),
}
_SYSTEM_ERROR: Final = {
    "INTERNAL_ERROR": "Something failed on our side.",
    "MALFORMED_RESPONSE": "A system behind ATOM answered something that cannot be read.",
    "MASTER_KEY_MISSING": "The installation has no master key.",
    "MASTER_KEY_REFUSED": "The master key cannot be used.",
    "SECRET_UNREADABLE": "A secret cannot be opened with the keys there are.",
    "NO_TENANT": "A tenant's table was touched with no tenant entered.",
    "TENANT_CHANGED": "The tenant was changed inside a transaction.",
    "PACKET_NOT_RECONCILED": "The numbers of a memo do not add up, so it was not written.",
    "SMOKE_FAILED": "A step of the smoke walk failed.",
}
_PLANNING_ERROR: Final = {
    "VALIDATION_FAILED": "The plan names something that does not exist, or the statement breaks a rule.",
}
_WARNING: Final = {
    "PARTIAL_RESULTS": "Some parts failed; the answer holds the others.",
}

CATALOGUE: Final = MappingProxyType(
    _of(CodeClass.RETRYABLE, _RETRYABLE)
    | _of(CodeClass.USER_ACTION, _USER_ACTION)
    | _of(CodeClass.SYSTEM_ERROR, _SYSTEM_ERROR)
    | _of(CodeClass.PLANNING_ERROR, _PLANNING_ERROR)
    | _of(CodeClass.WARNING, _WARNING)
)


def entry_of(code: str, status: int) -> Code:
    """The catalogue's entry; for a code that is missing there, one by the status."""
    found = CATALOGUE.get(code)
    if found is None:
        kind = CodeClass.SYSTEM_ERROR if status >= 500 else CodeClass.USER_ACTION
        return Code(kind, "", _NEXT[kind])
    return found


def as_markdown() -> str:
    """The catalogue as a table, for docs/errors.md."""
    rows = [
        f"| `{name}` | {code.kind.value.replace('_', ' ')} | {code.meaning} | {code.next_step} |"
        for name, code in sorted(CATALOGUE.items())
    ]
    return "\n".join(["| code | class | means | what to do next |", "|---|---|---|---|", *rows])
