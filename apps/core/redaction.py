"""What must not be read in logs, errors, audit or prompts: secrets known to this process, and shapes of secrets.

Known values are looked for as plain text and a shape's expression runs only where its fixed part occurs. Measured on
800 bytes of log: one large expression costs 850 µs, this a few (tests/unit/core/test_redaction.py keeps it so).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import orjson

HIDDEN: Final = "[REDACTED:secret]"
SHORTEST: Final = 8
"""Shorter values are not remembered: hiding them would hide ordinary text, and no generated secret is that short."""
_MOST: Final = 2_048
# Names whose values are secrets whatever they look like; `token_count`, `secret_name`, `key_version` are not.
_SECRET_NAME: Final = re.compile(
    r"(?:^|[^a-z])(?:password|passwd|passphrase|secrets?|token|authorization|cookie|api_?key|private_?key(?:_id)?"
    r"|access_?key|master_?key|credentials?|dsn|set-cookie)(?:$|_(?:value|text|b64|base64|pem)$)",
    re.IGNORECASE,
)
_NAME_PARTS: Final = ("passw", "passphrase", "secret", "token", "authorization", "cookie", "key", "credential", "dsn")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Shape by shape: the text that must be there for it (looked for in lower case), and the expression to hide.
_SHAPES: Final = tuple(
    (hint, re.compile(expression))
    for hint, expression in (
        ("eyj", r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"),  # JSON Web Token
        (
            "private key-----",
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)",
        ),
        ("://", r"://[^/\s:@\"'<>]*:[^/\s@\"'<>]+(?=@)"),  # user:password of a URL
        ("bearer ", r"[Bb](?i:earer) +[\w.~+/-]{12,}=*"),
        ("basic ", r"\b[Bb]asic +[A-Za-z0-9+/]{12,}={0,2}(?![\w-])"),
        ("atom_pat_", r"atom_pat_[\w-]{16,}"),
        ("akia", r"\bAKIA[0-9A-Z]{16}\b"),
        ("asia", r"\bASIA[0-9A-Z]{16}\b"),
        ("aiza", r"\bAIza[\w-]{35}"),  # Google
        ("ya29.", r"\bya29\.[\w-]{20,}"),
        ("xox", r"\bxox[abeoprs]-[\w-]{10,}"),  # Slack
        ("sk-", r"\bsk-[\w-]{20,}"),  # OpenAI and look-alikes
        ("gh", r"\bgh[opusr]_\w{36,}"),  # GitHub
        ("hv", r"\bhv[sbr]\.[\w-]{20,}"),  # Vault
        ("whsec_", r"whsec_[\w+/=-]{16,}"),
        *(
            # password=… in connection strings, query strings, JSON: the name stays, a reader sees what was hidden
            (name, rf"(?i)(?<={name})([\w-]*\\?[\"']?\s?[=:]\s?)\\?[\"']?(?!\[REDACTED)[^\s\"'\\,;&)}}\]]{{6,}}")
            for name in ("password", "passwd", "secret", "api_key", "apikey", "private_key")
        ),
    )
)

_Known = tuple[tuple[str, UUID | None], ...]
_known: list[_Known] = [()]  # one immutable tuple of (value, whose), replaced whole: readers need no lock
_lock = Lock()


def remember(*values: str, owner: UUID | None = None) -> None:
    """Hide these from now on, as they are and as they look inside a URL or JSON. The oldest of many are forgotten.

    `owner` is the tenant whose secret it is: what other tenants see is not searched for it, or else they could find
    out by trial whether they guessed it.
    """
    forms = dict.fromkeys((form, owner) for value in values for form in _forms(value))
    if forms.keys() <= set(_known[0]):
        return
    with _lock:
        _known[0] = tuple({**dict.fromkeys(_known[0]), **forms})[-_MOST:]


def _forms(value: str) -> list[str]:
    text = value.strip()
    if len(text) < SHORTEST:
        return []
    return [text, quote(text, safe=""), orjson.dumps(text).decode()[1:-1], *_parts(text)]


def _parts(text: str) -> list[str]:
    """Of a service account or another JSON document: what its own names call secret."""
    if not text.startswith("{"):
        return []
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    found = [value for name, value in document.items() if isinstance(value, str) and is_secret_name(name)]
    return [form for value in found for form in _forms(value)]


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a value under this name is a secret whatever it looks like."""
    return _SECRET_NAME.search(_CAMEL.sub("_", name)) is not None


def redact_text(text: str, *, shown_to: UUID | None = None) -> str:
    """`text` without known secrets and without anything that has the shape of one.

    For operators (logs) every known secret is looked for; with `shown_to` the installation's and that tenant's.
    """
    for value, owner in _known[0]:
        if value in text and (shown_to is None or owner is None or owner == shown_to):
            text = text.replace(value, HIDDEN)
    lower = text.lower()
    for hint, shape in _SHAPES:
        if hint in lower:
            text = shape.sub(_masked, text)
    return text


def _masked(match: re.Match[str]) -> str:
    if match.re.groups:
        return f"{match[1]}{HIDDEN}"
    return f"://{HIDDEN}" if match[0].startswith("://") else HIDDEN


def redact(value: Any, name: str = "", *, shown_to: UUID | None = None) -> Any:
    """A JSON-like value without secrets; what is no text, list or mapping comes back as it is."""
    if isinstance(value, str):
        return HIDDEN if value and name and is_secret_name(name) else redact_text(value, shown_to=shown_to)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"), name, shown_to=shown_to)
    if isinstance(value, Mapping):
        return {key: redact(item, str(key), shown_to=shown_to) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item, name, shown_to=shown_to) for item in value]
    if isinstance(value, BaseException):
        return redact_text(f"{type(value).__name__}: {value}", shown_to=shown_to)
    return value


def clean_json(value: Any, *, shown_to: UUID | None = None) -> Any:
    """`value` itself, or its redacted copy when anything in it is to be hidden.

    The usual case is one pass over its JSON instead of one over each text in it.
    """
    try:
        text = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, ValueError):  # what cannot be written as JSON is looked at piece by piece
        return redact(value, shown_to=shown_to)
    lower = text.lower()
    if any(part in lower for part in _NAME_PARTS) or redact_text(text, shown_to=shown_to) != text:
        return redact(value, shown_to=shown_to)
    return value
