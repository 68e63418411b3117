"""The firewall: rules with ids over paths, headers and fields, that never fire on SQL sent to a SQL field.

It is a first fence before parsers, permissions and the policy gate, never the only one: what it looks at is bounded, so
padding gets past it. Measured on tests/corpora/door.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final


class Place(StrEnum):
    """Where a rule looks."""

    PATH = "path"
    HEADER = "header"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a stable id, where it looks, what it finds, and what that would be.

    The expression runs only on text that holds one of `hints` (lower case; none: always), so that harmless text costs
    a few searches for plain strings. Its repeats are bounded: no text makes it slow.
    """

    id: str
    places: frozenset[Place]
    hints: tuple[str, ...]
    pattern: str
    title: str
    in_prose: bool = False  # whether it holds in fields people write prose into


def _rule(id_: str, places: str, hints: str, pattern: str, title: str, *, in_prose: bool = False) -> Rule:
    return Rule(id_, frozenset(Place(each) for each in places.split()), tuple(hints.split()), pattern, title, in_prose)


RULES: Final = (
    _rule(
        "W101",
        "path field",
        ".. %2e %252 %25",
        r"(?:^|[/\\])\.\.(?:[/\\]|$)|\.\.%2f|%2e%2e|%25(?:25)*2[ef]",
        "path traversal",
    ),
    _rule(
        "W102",
        "path",
        "/.",
        r"/\.(?:env|git|svn|hg|aws|ssh|kube|docker|vscode|idea|htaccess|htpasswd|ds_store)(?:[/.?]|$)",
        "hidden file",
    ),
    _rule(
        "W103",
        "path",
        "wp- phpmyadmin cgi-bin xmlrpc",
        r"/(?:wp-(?:admin|login|content)|phpmyadmin|cgi-bin|xmlrpc)\b",
        "probe for other software",
    ),
    _rule("W104", "path", ".php .asp .jsp .cgi", r"\.(?:php\d?|aspx?|jspx?|cgi)(?:[/?]|$)", "probe for other software"),
    _rule("W105", "path field", "\0 %00", r"\x00|%00", "null byte", in_prose=True),
    _rule("W106", "path", "", r"%0d%0a|[\r\n]", "response splitting"),
    _rule(
        "W107",
        "path",
        "solr actuator server-status hnap1 boaform _profiler manager autodiscover",
        r"^/(?:solr/admin|actuator|server-status|hnap1|boaform|_profiler|manager/html|autodiscover)\b",
        "probe for other software",
    ),
    _rule("W201", "header field", "()", r"\(\)\s{0,20}\{[^}]{0,100};\s{0,20}\}\s{0,20}(?:;|>_\[)", "shellshock"),
    _rule(
        "W202", "path header field", "${", r"\$\{(?:jndi:|\$\{|(?:lower|upper|env|sys):)", "JNDI look-up", in_prose=True
    ),
    _rule(
        "W203",
        "header",
        "sqlmap nikto acunetix nessus masscan dirbuster wpscan zgrab gobuster feroxbuster nuclei fuzz",
        r"\b(?:sqlmap|nikto|acunetix|nessus|masscan|dirbuster|wpscan|zgrab|gobuster|feroxbuster)\b"
        r"|\bnuclei - |\bfuzz faster u fool\b",
        "scanner",
    ),
    _rule(
        "W301",
        "path field",
        "<script script: data:text/html <",
        # An event attribute counts inside a tag, or where a quote has just been broken out of.
        r"<script\b|java\s*script:|data:text/html|<[a-z][^<>]{0,300}\bon[a-z]{3,20}\s*="
        r"|[\"']\s{0,20}\bon(?:error|load|click|focus|mouseover)\s*=",
        "script injection",
    ),
    _rule(
        "W302",
        "path field",
        "union ; or and || sleep benchmark waitfor xp_cmdshell",
        r"\bunion(?:\s|/\*.{0,100}?\*/)+(?:all(?:\s|/\*.{0,100}?\*/)+)?select\b"
        r"|;\s*(?:drop|truncate|alter|delete|update|insert|grant)\s"
        r"|[\"'\d]\)?\s*(?:or|and)\s+(?:true\b|\(?\\?[\"']?\w*\\?[\"']?\s*=\s*\\?[\"']?\w?)(?:\s*--|\w*\\?[\"')]|\w*$)"
        r"|'\s*(?:or|and)\s+'?\w+'?\s*=\s*'?\w|'\s*\|\|\s*\(|\b(?:pg_)?sleep\s*\(\s*\d|\bbenchmark\s*\(\s*\d"
        r"|\bwaitfor\s+delay\b|\bxp_cmdshell\b",
        "SQL outside a SQL field",
    ),
    _rule(
        "W303",
        "path field",
        "/etc/ .ini /proc/",
        r"/etc/(?:passwd|shadow)\b|\\win\.ini\b|\\boot\.ini\b|/proc/self/",
        "system file",
    ),
    _rule(
        "W304",
        "path field",
        "cat curl wget bash sh nc",
        r"(?:[;|`]|&&)\s*(?:cat|curl|wget|bash|sh|nc)\s+(?:-\w|/|https?:)|\$\((?:curl|wget|bash|sh)\b",
        "shell command",
    ),
    _rule(
        "W305",
        "field",
        "{{ {% <% #{",
        r"\{\{[^{}]{0,200}?(?:__\w{1,20}__|\bconfig\b|\bpopen\b|\d\s{0,5}\*\s{0,5}\d)|\{%\s*(?:import|include)\b|<%=?\s*\w+\s*\(|#\{\s*T\(",
        "template injection",
    ),
    _rule("W306", "field", "<!", r"<!(?:entity|doctype)\b[^>]{0,60}(?:\bsystem\b|\bpublic\b|\[)", "XML entity"),
    _rule(
        "W307",
        "field",
        "169.254 metadata.google",
        r"\b169\.254\.169\.254\b|\bmetadata\.google\.internal\b",
        "address of a cloud's metadata",
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


_Compiled = tuple[tuple[tuple[str, ...], re.Pattern[str], Rule], ...]
_Reading = tuple[Place, bool]  # where, and whether it is prose


def _compiled(place: Place, *, prose: bool = False) -> _Compiled:
    return tuple(
        (rule.hints, re.compile(rule.pattern, re.IGNORECASE), rule)
        for rule in RULES
        if place in rule.places and (rule.in_prose or not prose)
    )


_RULES_OF: Final[dict[_Reading, _Compiled]] = {
    (place, prose): _compiled(place, prose=prose) for place in Place for prose in (False, True)
}
# Longer text is looked at from both its ends, and so much in one request: a bounded price for any body.
LONGEST: Final = 32 * 1024
MOST: Final = 256 * 1024
# A client sends the same headers, field names and ids again and again: what they broke is remembered. Prose is not.
SHORT: Final = 512
REMEMBERED: Final = 4096


def _first(text: str, reading: _Reading) -> Rule | None:
    _, prose = reading
    return _first_of_any(text, reading) if prose or len(text) > SHORT else _first_of_short(text, reading)


def _first_of_any(text: str, reading: _Reading) -> Rule | None:
    lower = text.lower()
    for hints, pattern, rule in _RULES_OF[reading]:
        if (not hints or any(hint in lower for hint in hints)) and pattern.search(text):
            return rule
    return None


_first_of_short = lru_cache(maxsize=REMEMBERED)(_first_of_any)


def in_path(path: str) -> Rule | None:
    """The rule that a decoded path breaks."""
    return _first(path[:LONGEST], (Place.PATH, False))


def in_headers(values: str) -> Rule | None:
    """The rule that header values (joined by newlines) break."""
    return _first(values[:LONGEST], (Place.HEADER, False))


def in_fields(document: Any, *, unread: frozenset[str] = frozenset()) -> Rule | None:
    """The rule that a field of a decoded document breaks; `unread` names further fields of this route."""
    left = MOST
    for name, text in _texts(document, "", UNREAD | unread):
        seen = text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
        left -= len(seen)
        rule = _first(seen, (Place.FIELD, name in PROSE))
        if rule is not None or left <= 0:
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
