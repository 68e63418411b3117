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


_Rows = Mapping[str, str | tuple[str, str]]  # the meaning, and what to do next where the class does not say enough


def _of(kind: CodeClass, rows: _Rows) -> dict[str, Code]:
    pairs = {name: row if isinstance(row, tuple) else (row, _NEXT[kind]) for name, row in rows.items()}
    return {name: Code(kind, meaning, step) for name, (meaning, step) in pairs.items()}


_RETRYABLE: Final[_Rows] = {
    "TIMEOUT": "The statement or call took longer than its limit.",
    "TRANSIENT_ERROR": "A system behind ATOM failed in a way that passes.",
    "TRANSIENT_NETWORK": "The network to a system behind ATOM failed (connector-side kind of TRANSIENT_ERROR).",
    "UNAVAILABLE": "A part that this needs is out.",
    "LIMIT_REACHED": ("A rate or concurrency limit is used up.", "Wait for the seconds in Retry-After."),
    "LOGIN_THROTTLED": ("Too many failed logins.", "Wait for the seconds in Retry-After."),
    "IDEMPOTENCY_IN_PROGRESS": ("A request with this key is being worked on.", "Ask again with the same key."),
    "TENANT_BUSY": "Something else is being done to the workspace.",
    "MIGRATIONS_RUNNING": "Another run of the migrations is under way.",
    "KMS_UNREACHABLE": "The key service does not answer.",
    "VAULT_UNREACHABLE": "Vault does not answer.",
    "PROVIDER_OUT": "The identity provider does not answer.",
    "CODE_THROTTLED": ("Too many wrong codes.", "Wait for the seconds in Retry-After."),
    "SECOND_READER_OUT": "The second SQL reader does not answer, and live execution needs it.",
    "WORKER_LOST": "The worker that did the step died; another takes it up.",
    "DISPATCH_FAILED": "The step could not be handed to a worker; it will be.",
    "CARD_FAILED": "A card of the dashboard could not be computed.",
}
_USER_ACTION: Final[_Rows] = {
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
_SIGN_IN: Final[_Rows] = {
    "CHALLENGE_INVALID": ("The login's second step is not good any more.", "Log in again."),
    "CODE_WRONG": "The code of the second factor does not fit.",
    "MFA_REQUIRED": ("The login needs the code of the second factor.", "Send the code with the challenge."),
    "SECOND_FACTOR_REQUIRED": ("This workspace asks for a second factor.", "Set one up in your account."),
    "SECOND_FACTOR_NOT_BEGUN": ("No second factor is waiting to be confirmed.", "Begin setting it up again."),
    "SECOND_FACTOR_MISSING": "This person has no second factor to be removed.",
    "SECOND_FACTOR_SET": "There is a second factor already.",
    "OWN_FIRST": ("The rule would lock out whoever sets it.", "Set up your own second factor first."),
    "LINK_INVALID": ("The link was used, or it has expired.", "Ask for a new one."),
    "LOGIN_NEEDED": ("This needs a login first.", "Log in with the invited address."),
    "PASSWORD_NEEDED": "This needs the password once more.",
    "PASSWORD_LOGIN_NEEDED": ("This needs a login by password.", "Log in with your password."),
    "PASSWORD_WRONG": "The password is wrong.",
    "PASSWORD_TOO_WEAK": "The password breaks a rule for passwords.",
    "PERSON_NEEDED": "Only a person may do this, no token and no job.",
    "SIGN_IN_REFUSED": ("The identity provider refused the sign-in.", "Ask the provider's admin."),
    "STATE_INVALID": ("The sign-in was not begun here, or took too long.", "Begin it again."),
    "EMAIL_INVALID": "This is no e-mail address.",
    "EMAIL_NOT_VERIFIED": ("The provider does not vouch for the address.", "Verify it there first."),
    "DOMAIN_NOT_ALLOWED": "Addresses of this domain may not join.",
    "DOMAINS_INVALID": "One of the domains is none.",
    "CLIENT_ID_MISSING": "The provider needs a client id.",
    "SECRET_MISSING": "The provider needs a client secret.",
    "ISSUER_INVALID": "The issuer's address cannot be used.",
    "ISSUER_MISMATCH": "The provider calls itself by another address.",
    "ROLE_INVALID": "This role cannot be given here.",
    "INVITATION_OPEN": ("An invitation to this address is open.", "Send it again instead."),
    "MEMBER_EXISTS": "This person is a member already.",
    "NOT_A_MEMBER": "This person is no member here.",
    "LAST_ADMIN": ("A workspace keeps at least one admin.", "Make somebody else an admin first."),
    "WRONG_PERSON": ("The invitation is for another address.", "Log in as the one who was invited."),
    "SELF_GRANT": ("Nobody grants rights to themselves.", "Ask another admin."),
    "OWN_SHARE": "Nothing is shared with oneself.",
    "TOO_MANY_TOKENS": ("As many tokens exist as may exist.", "Revoke one first."),
    "UNKNOWN_SCOPE": "There is no scope of this name.",
}
_WORKSPACES: Final[_Rows] = {
    "BAD_SLUG": "A workspace's address cannot be spelt so.",
    "BAD_PLAN": "There is no plan of this name.",
    "BAD_DOMAIN": "This is no domain that can be used.",
    "DOMAIN_TAKEN": "Another workspace has this domain.",
    "DOMAIN_UNVERIFIED": ("The domain has not proved itself yet.", "Set the record that is shown, then check again."),
    "QUOTA_DOMAINS": (
        "The plan has no room for another domain.",
        "Give one up, or ask your operator for a larger plan.",
    ),
    "TENANT_STATE": "The workspace is not in a state for this.",
    "TENANT_SUSPENDED": ("The workspace is suspended.", "Ask your operator."),
    "TENANT_PURGING": "The workspace is being removed.",
    "NOT_CONFIRMED": ("A purge has to be confirmed.", "Send confirm: true."),
    "READ_ONLY": "The connection is for reading alone.",
}
_SIGNING: Final[_Rows] = {
    "NOT_A_READ": "Only reading is allowed here.",
    "NOT_LOST": "The reservation is not one of a lost job.",
    "VERSION_CHANGED": ("Somebody else changed it meanwhile.", "Read it again, then decide."),
    "NOT_SIGNED": ("It is not signed well enough for its target.", "Have it signed, then try again."),
    "PERMIT_INVALID": "The permit is not for this actor and statement, or was used.",
    "SECRET_MANAGED": "The secret is managed by its datasource.",
    "VERSION_CONFLICT": ("Somebody else changed it meanwhile.", "Read it again, then decide."),
}
_SYSTEM_ERROR: Final[_Rows] = {
    "INTERNAL_ERROR": "Something failed on our side.",
    "MALFORMED_RESPONSE": "A system behind ATOM answered something that cannot be read.",
    "PURGE_INCOMPLETE": "A purge found something left; it goes on by itself.",
    "PROVIDER_ODD": "The identity provider answers something that cannot be trusted.",
    "SIGNING_UNAVAILABLE": "The installation cannot sign.",
    "MASTER_KEY_MISSING": "The installation has no master key.",
    "MASTER_KEY_REFUSED": "The master key cannot be used.",
    "SECRET_UNREADABLE": "A secret cannot be opened with the keys there are.",
    "NO_TENANT": "A tenant's table was touched with no tenant entered.",
    "TENANT_CHANGED": "The tenant was changed inside a transaction.",
    "PACKET_NOT_RECONCILED": "The numbers of a memo do not add up, so it was not written.",
    "SMOKE_FAILED": "A step of the smoke walk failed.",
}
_PLANNING_ERROR: Final[_Rows] = {
    "VALIDATION_FAILED": "The plan names something that does not exist, or the statement breaks a rule.",
}
_WARNING: Final[_Rows] = {
    "PARTIAL_RESULTS": "Some parts failed; the answer holds the others.",
}

CATALOGUE: Final = MappingProxyType(
    _of(CodeClass.RETRYABLE, _RETRYABLE)
    | _of(CodeClass.USER_ACTION, {**_USER_ACTION, **_SIGN_IN, **_WORKSPACES, **_SIGNING})
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
