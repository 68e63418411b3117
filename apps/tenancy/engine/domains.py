"""What a workspace's own domain may be: a host name in the public DNS, kept in punycode, and none of ours."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

import idna

_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Names that no public resolver answers, or that always mean the machine itself (RFC 6761, 6762, 7686, 8375).
_NOT_PUBLIC: Final = frozenset({"localhost", "local", "internal", "onion", "arpa", "invalid", "home", "lan", "corp"})
LONGEST: Final = 230  # with the name of the verification record before it, at most 253


def normalised(text: str) -> str:
    """The host name in lower-case punycode; raises ValueError with a sentence that says what is wrong."""
    typed = text.strip().rstrip(".")
    _refuse_what_is_no_name(typed)
    try:
        name = idna.encode(typed, uts46=True, transitional=False).decode()
    except idna.IDNAError:
        raise ValueError(f"“{typed[:80]}” is not a host name.") from None
    labels = name.split(".")
    if len(name) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"“{typed[:80]}” is not a host name.")
    if len(labels) < 2:
        raise ValueError("A domain has at least two parts, as in data.example.com.")
    if labels[-1] in _NOT_PUBLIC or labels[-1].isdigit():
        raise ValueError(f"“.{labels[-1]}” is not part of the public DNS.")
    return name


def _refuse_what_is_no_name(typed: str) -> None:
    if not typed:
        raise ValueError("Enter a domain, as in data.example.com.")
    if "*" in typed:
        raise ValueError("A wildcard cannot be a workspace's domain; name one host.")
    if "://" in typed or "/" in typed or "@" in typed:
        raise ValueError("Enter the host name alone, without “https://” and without a path.")
    try:
        ipaddress.ip_address(typed.strip("[]"))
    except ValueError:
        pass
    else:
        raise ValueError("An IP address cannot be a workspace's domain; use a name.")
    if ":" in typed:
        raise ValueError("Enter the host name alone, without a port.")


def belongs_to(name: str, own: Sequence[str]) -> bool:
    """Whether `name` is one of the installation's hosts, above or below one (patterns as in ALLOWED_HOSTS)."""
    bare = [host.lstrip(".").lower() for host in own if host.lstrip(".") and "*" not in host]
    return any(name == host or name.endswith("." + host) or host.endswith("." + name) for host in bare)


def shown(name: str) -> str:
    """The name as people write it; punycode where it cannot be told."""
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name
