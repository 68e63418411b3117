"""What the slug and the name of a workspace may be. Each problem is one sentence that says what to write instead."""

import re
import unicodedata
from typing import Final
from uuid import UUID

MAX_SLUG: Final = 40
MAX_NAME: Final = 120
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
# Addresses of the installation, and words that would pass for it in a link.
RESERVED: Final = frozenset({
    "about", "abuse", "account", "admin", "administrator", "api", "app", "atom", "auth", "billing", "blog", "cdn",
    "dashboard", "default", "demo-admin", "dev", "docs", "domain", "download", "export", "ftp", "graphql", "health",
    "help", "home", "host", "http", "https", "internal", "localhost", "login", "logout", "mail", "media", "metrics",
    "none", "null", "operator", "password", "postmaster", "public", "purged", "ready", "register", "root",
    "security", "settings", "signup", "sitemap", "smtp", "ssl", "static", "status", "support", "system", "t",
    "template", "tenant", "tenants", "undefined", "webmaster", "well-known", "ws", "www",
})  # fmt: skip
# Control characters and those that turn the reading direction; neither belongs in a name people must trust.
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def slug_problem(slug: str) -> str:
    """Why `slug` cannot be one; empty when it can."""
    if not slug:
        return "A slug has at least one character."
    if len(slug) > MAX_SLUG:
        return f"A slug has at most {MAX_SLUG} characters; this one has {len(slug)}."
    if stranger := next((sign for sign in slug if not sign.isascii()), ""):
        return f"“{stranger}” ({_called(stranger)}) cannot stand in an address; use a–z, 0–9 and “-”."
    if slug != slug.lower():
        return f"A slug is in lower case: “{slug.lower()}”."
    if not _SLUG.fullmatch(slug):
        return "A slug is made of a–z, 0–9 and “-”, and neither starts nor ends with “-”."
    if slug[2:4] == "--":
        return "A slug has no “--” in third place: such names are kept for other scripts."
    if slug in RESERVED or _is_id(slug):
        return f"“{slug}” is reserved; choose another slug."
    return ""


def clean_name(name: str) -> str:
    """The name in its composed form, without blanks around it."""
    return unicodedata.normalize("NFC", " ".join(name.split()))


def name_problem(name: str) -> str:
    """Why a cleaned `name` cannot be one; empty when it can."""
    if not name:
        return "A workspace needs a name."
    if len(name) > MAX_NAME:
        return f"A name has at most {MAX_NAME} characters; this one has {len(name)}."
    if _UNSEEN.search(name):
        return "A name has no invisible or direction-changing characters."
    return ""


def _called(sign: str) -> str:
    return unicodedata.name(sign, f"U+{ord(sign):04X}").lower()


def _is_id(slug: str) -> bool:
    """Where a slug or an id is taken, nobody may have the other's spelling."""
    try:
        UUID(slug)
    except ValueError:
        return False
    return True
