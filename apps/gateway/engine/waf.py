"""The firewall: rules with ids over paths, headers and fields, that never fire on SQL sent to a SQL field.

One combined pattern decides about the usual, harmless request; only what it finds is looked at rule by rule. It is a
first fence before parsers, permissions and the policy gate, never the only one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Place(StrEnum):
    """Where a rule looks."""

    PATH = "path"
    HEADER = "header"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a stable id, where it looks, what it finds, and what that would be."""

    id: str
    places: frozenset[Place]
    pattern: str
    title: str
    in_prose: bool = False  # whether it holds in fields people write prose into


def _rule(id_: str, places: str, pattern: str, title: str, *, in_prose: bool = False) -> Rule:
    return Rule(id_, frozenset(Place(place) for place in places.split()), pattern, title, in_prose)


RULES: Final = (
    _rule("W101", "path field", r"(?:^|[/\\])\.\.(?:[/\\]|$)|\.\.%2f|%2e%2e|%252e", "path traversal"),
    _rule("W102", "path", r"/\.(?:env|git|svn|hg|aws|ssh|htaccess|htpasswd|ds_store)(?:[/.?]|$)", "hidden file"),
    _rule("W103", "path", r"/(?:wp-(?:admin|login|content)|phpmyadmin|cgi-bin|xmlrpc)\b", "probe for other software"),
    _rule("W104", "path", r"\.(?:php\d?|aspx?|jspx?|cgi)(?:[/?]|$)", "probe for other software"),
    _rule("W105", "path field", r"\x00|%00", "null byte", in_prose=True),
    _rule("W106", "path", r"%0d%0a|[\r\n]", "response splitting"),
    _rule("W201", "header field", r"\(\)\s*\{[^}]*;\s*\}\s*;", "shellshock"),
    _rule("W202", "path header field", r"\$\{(?:jndi:|\$\{|(?:lower|upper|env|sys):)", "JNDI look-up", in_prose=True),
    _rule("W203", "header", r"\b(?:sqlmap|nikto|acunetix|nessus|masscan|dirbuster|wpscan|zgrab)\b", "scanner"),
    _rule("W301", "path field", r"<script\b|javascript:|\bon(?:error|load|click|mouseover)\s*=", "script injection"),
    _rule(
        "W302",
        "path field",
        r"\bunion\s+(?:all\s+)?select\b|;\s*(?:drop|truncate|alter|delete|update|insert|grant)\s"
        r"|'\s*(?:or|and)\s+'?\w+'?\s*=\s*'?\w|\b(?:pg_)?sleep\s*\(|\bwaitfor\s+delay\b|\bxp_cmdshell\b",
        "SQL outside a SQL field",
    ),
    _rule("W303", "path field", r"/etc/(?:passwd|shadow)\b|\\win\.ini\b|\\boot\.ini\b|/proc/self/", "system file"),
    _rule(
        "W304",
        "path field",
        r"[;|`]\s*(?:cat|curl|wget|bash|sh|nc)\s+(?:-\w|/|https?:)|\$\((?:curl|wget|bash|sh)\b",
        "shell command",
    ),
)

# Their values are SQL, secrets or a person's own data: no rule reads them, nor anything nested in them.
UNREAD: Final = frozenset({
    "sql", "query", "queries", "statement", "statements", "ddl", "up", "down", "expression", "using", "with_check",
    "filter", "where", "script", "definition", "values", "row", "rows", "changes", "cells", "parameters", "variables",
    "password", "new_password", "secret", "secrets", "token", "refresh_token", "private_key", "credentials",
    "value",  # of a secret or a cell
})  # fmt: skip
# People write here; only what is never prose is refused.
PROSE: Final = frozenset({
    "question", "prompt", "text", "comment", "body", "content", "markdown", "message", "description", "note", "notes",
    "reason", "title", "name", "label", "msg", "q", "search", "next",
})  # fmt: skip


def _compiled(place: Place, *, prose: bool = False) -> tuple[tuple[re.Pattern[str], Rule], ...]:
    return tuple(
        (re.compile(rule.pattern, re.IGNORECASE), rule)
        for rule in RULES
        if place in rule.places and (rule.in_prose or not prose)
    )


def _any(place: Place) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{rule.pattern})" for rule in RULES if place in rule.places), re.IGNORECASE)


_BY_PLACE: Final = {place: _compiled(place) for place in Place}
_IN_PROSE: Final = _compiled(Place.FIELD, prose=True)
_ANY: Final = {place: _any(place) for place in Place}
_LONG: Final = 2048
# In a raw body a field begins and ends at a quote; and escapes can spell anything, so a body that has one is always
# read field by field.
_ANY_IN_BODY: Final = re.compile(
    _ANY[Place.FIELD].pattern.replace("(?:^|", '(?:^|"|').replace("|$)", '|$|")').encode() + rb"|\\u00", re.IGNORECASE
)


def _first(text: str, rules: tuple[tuple[re.Pattern[str], Rule], ...]) -> Rule | None:
    return next((rule for pattern, rule in rules if pattern.search(text)), None)


def in_path(path: str) -> Rule | None:
    """The rule that a decoded path breaks."""
    return _first(path, _BY_PLACE[Place.PATH]) if _ANY[Place.PATH].search(path) else None


def in_headers(values: str) -> Rule | None:
    """The rule that header values (joined by newlines) break."""
    return _first(values, _BY_PLACE[Place.HEADER]) if _ANY[Place.HEADER].search(values) else None


def is_suspicious_body(body: bytes) -> bool:
    """Whether a raw body is worth reading field by field; a long one is (mostly SQL, which no rule reads)."""
    return len(body) > _LONG or _ANY_IN_BODY.search(body) is not None


def in_fields(document: Any, *, unread: frozenset[str] = frozenset()) -> Rule | None:
    """The rule that a field of a decoded document breaks; `unread` names further fields of this route."""
    for name, text in _texts(document, "", UNREAD | unread):
        if _ANY[Place.FIELD].search(text):
            rule = _first(text, _IN_PROSE if name in PROSE else _BY_PLACE[Place.FIELD])
            if rule is not None:
                return rule
    return None


def _texts(value: Any, name: str, unread: frozenset[str]) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if str(key).lower() not in unread:
                yield "", str(key)
                yield from _texts(item, str(key).lower(), unread)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name, unread)
