"""Where a workspace is found: by its own domain, by a slug it had before; and why one that exists cannot be entered.

All as the runtime role, outside every tenant. A stranger learns nothing: the answers are for members alone.
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from apps.core import tenant as tenant_context
from apps.core.db import prepared
from apps.core.errors import AtomError, Forbidden
from apps.tenancy.enums import TenantStatus

_BY_HOST = """
    SELECT t.slug FROM public.tenancy_domain d JOIN public.tenancy_tenant t ON t.id = d.tenant_id
     WHERE d.domain = %s AND d.verified_at IS NOT NULL
"""
_COLUMNS = "SELECT t.slug, t.status, t.status_reason FROM public.tenancy_tenant t"
_BY_SLUG = f"""
    {_COLUMNS} WHERE t.slug = %s AND EXISTS (
        SELECT FROM public.tenancy_membership m WHERE m.tenant_id = t.id AND m.user_id = %s)
"""
_BY_ALIAS = f"""
    {_COLUMNS} JOIN public.tenancy_slugalias a ON a.tenant_id = t.id AND a.expires_at > now()
      JOIN public.tenancy_membership m ON m.tenant_id = t.id AND m.user_id = %s AND m.is_active
     WHERE a.slug = %s AND t.status = 'active'
"""
_BY_MEMBERSHIP = f"{_COLUMNS} JOIN public.tenancy_membership m ON m.tenant_id = t.id AND m.id = %s"
_BY_PERSONAL_TOKEN = f"""
    {_COLUMNS} JOIN public.tenancy_membership m ON m.tenant_id = t.id
      JOIN public.tenancy_personaltoken p ON p.membership_id = m.id AND p.token_hash = %s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A workspace as one of its members may know it."""

    slug: str
    status: str
    reason: str

    @property
    def is_open(self) -> bool:
        """Whether it can be entered."""
        return self.status == TenantStatus.ACTIVE

    def refusal(self) -> AtomError:
        """Why it cannot, in a sentence."""
        if self.status == TenantStatus.PURGING:
            return Forbidden("This workspace is being removed.", code="TENANT_PURGING")
        why = f": {self.reason}" if self.reason else "."
        return Forbidden(
            f"This workspace is suspended{why}",
            code="TENANT_SUSPENDED",
            next_steps=["Ask the operator of this installation."],
        )


def is_own_host(raw_host: str) -> bool:
    """Whether the Host header names the installation itself (OWN_HOSTS, as Django's ALLOWED_HOSTS is written)."""
    return validate_host(split_domain_port(raw_host)[0], settings.OWN_HOSTS)


def slug_of_host(raw_host: str) -> str:
    """The workspace that is served under this host name; empty when nobody has proven to own it."""
    host = split_domain_port(raw_host)[0].rstrip(".")
    with tenant_context.entered(None):
        row = prepared.fetch_one(_BY_HOST, [host]) if host else None
    return str(row[0]) if row else ""


def standing_of(slug: str, user_id: UUID) -> Standing | None:
    """The workspace of this slug, for somebody who is (or was, before a purge began) a member."""
    return _one(_BY_SLUG, [slug, user_id])


def new_slug_of(slug: str, user_id: UUID) -> str:
    """The slug that a renamed workspace has now, for its members; empty otherwise."""
    found = _one(_BY_ALIAS, [user_id, slug])
    return found.slug if found else ""


def standing_of_membership(membership_id: UUID) -> Standing | None:
    """The workspace behind a token."""
    return _one(_BY_MEMBERSHIP, [membership_id])


def standing_of_personal_token(token_hash: str) -> Standing | None:
    """The workspace behind a personal token."""
    return _one(_BY_PERSONAL_TOKEN, [token_hash])


def _one(text: str, values: list[object]) -> Standing | None:
    with tenant_context.entered(None):
        row = prepared.fetch_one(text, values)
    return Standing(*row) if row else None
