"""Sealed values open only where they belong, and every opening is in the audit trail."""

from collections.abc import Iterator

import pytest

from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import NotFound, Unavailable
from apps.core.tenant import TenantRef
from apps.policies.models import Secret
from apps.policies.services.secrets import SecretsManager


@pytest.fixture
def here(acme: TenantRef, alice: Actor, mallory: Actor) -> Iterator[TenantRef]:
    with tenant_context.entered(acme):
        yield acme


def test_a_secret_comes_back_and_the_opening_is_audited(here: TenantRef, alice: Actor) -> None:
    manager = SecretsManager()
    version = manager.store("test/one", "s3cret ✓", actor=alice)
    before = Entry.objects.filter(action="secret.decrypted", object_id="test/one").count()
    assert manager.reveal("test/one", actor=alice, purpose="test") == "s3cret ✓"
    entries = Entry.objects.filter(action="secret.decrypted", object_id="test/one")
    assert entries.count() == before + 1
    assert entries.latest("seq").summary == {"version": version, "purpose": "test"}


def test_the_stored_form_holds_nothing_of_the_value(here: TenantRef, alice: Actor) -> None:
    SecretsManager().store("test/two", "plainly-visible", actor=alice)
    assert b"plainly" not in bytes(Secret.objects.get(name="test/two", is_current=True).sealed)


def test_a_new_version_replaces_the_old(here: TenantRef, alice: Actor) -> None:
    manager = SecretsManager()
    first, second = (manager.store("test/three", value, actor=alice) for value in ("a", "b"))
    assert second == first + 1
    assert manager.reveal("test/three", actor=alice, purpose="test") == "b"


@pytest.mark.parametrize(("name", "version"), [("test/other", 1), ("test/four", 2)])
def test_a_sealed_value_opens_under_no_other_name_or_version(
    here: TenantRef, alice: Actor, name: str, version: int
) -> None:
    sealed = SecretsManager().seal("test/four", 1, "value")
    with pytest.raises(Unavailable):
        SecretsManager().unseal(name, version, sealed, actor=alice, purpose="test")


def test_a_sealed_value_opens_in_no_other_tenant(here: TenantRef, globex: TenantRef, mallory: Actor) -> None:
    sealed = SecretsManager().seal("test/five", 1, "value")
    with tenant_context.entered(globex), pytest.raises(Unavailable):
        SecretsManager().unseal("test/five", 1, sealed, actor=mallory, purpose="test")


def test_a_changed_byte_is_noticed(here: TenantRef, alice: Actor) -> None:
    sealed = bytearray(SecretsManager().seal("test/six", 1, "value"))
    sealed[-1] ^= 1
    with pytest.raises(Unavailable):
        SecretsManager().unseal("test/six", 1, bytes(sealed), actor=alice, purpose="test")


def test_what_was_destroyed_is_gone(here: TenantRef, alice: Actor) -> None:
    SecretsManager().store("test/seven", "value", actor=alice)
    SecretsManager().destroy("test/seven", actor=alice)
    with pytest.raises(NotFound):
        SecretsManager().reveal("test/seven", actor=alice, purpose="test")
