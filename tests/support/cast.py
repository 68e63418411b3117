"""The cast: acme with alice (admin), bob (member), carol (viewer); globex with mallory (admin)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.test import Client
from rest_framework.test import APIClient

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.permissions import Role
from apps.core.redis import client as redis_client
from apps.core.tenant import TenantRef
from apps.tenancy.models import Membership, User
from apps.tenancy.services import identity, members, provisioning, tokens
from apps.tenancy.services.migrations import runner
from tests.support import database

PASSWORD = "correct horse battery staple"
PEOPLE = {
    "acme": [
        ("alice@acme.test", "Alice", Role.ADMIN),
        ("bob@acme.test", "Bob", Role.MEMBER),
        ("carol@acme.test", "Carol", Role.VIEWER),
    ],
    "globex": [("mallory@globex.test", "Mallory", Role.ADMIN)],
}


def build() -> dict[str, TenantRef]:
    """Migrate and provision; returns the tenants by slug."""
    for connection in connections.all(initialized_only=True):  # an earlier test may have looked at the old database
        connection.close()
        connection.close_pool()
    with database.one_at_a_time():
        database.recreate()
        redis_client().flushdb()
        results = [runner.migrate_public(), *runner.migrate_tenants()]
    failed = [result for result in results if result.state == "failed"]
    assert not failed, failed
    members.ensure_operator(email="operator@atom.test", name="Operator", password=PASSWORD)
    return {slug: _tenant(slug) for slug in PEOPLE}


def _tenant(slug: str) -> TenantRef:
    ref = provisioning.provision(slug, slug.title(), timezone="Europe/Berlin")
    for email, name, role in PEOPLE[slug]:
        members.ensure_member(ref, email=email, name=name, role=role, password=PASSWORD)
    return ref


def actor(email: str, tenant: TenantRef) -> Actor:
    """The member as an Actor."""
    user = User.objects.get(email=email)
    found = identity.from_session(user.id, tenant.slug)
    assert found is not None
    return found


def token_for(who: Actor) -> str:
    """A bearer token of the member."""
    assert who.tenant is not None
    with tenant_context.entered(None):
        membership = Membership.objects.select_related("user").get(user_id=who.id, tenant_id=who.tenant.id)
        return tokens.issue(membership).token


def api_client(who: Actor | None) -> APIClient:
    """An API client, with the member's bearer token."""
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    if who is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(who)}")
    return client


def page_client(who: Actor) -> Client:
    """A browser's client with the member's session."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(id=who.id))
    return client


@contextmanager
def temporary_tenant(*, timezone: str = "UTC") -> Iterator[TenantRef]:
    """A tenant with frida as its admin, removed at the end."""
    slug = f"tmp-{new_id().hex[-12:]}"
    ref = provisioning.provision(slug, slug, timezone=timezone)
    members.ensure_member(ref, email=f"frida@{slug}.test", name="Frida", role=Role.ADMIN, password=PASSWORD)
    try:
        yield ref
    finally:
        provisioning.remove(ref.id)
