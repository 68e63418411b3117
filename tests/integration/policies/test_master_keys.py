"""The master key in the environment, in Vault and in Google KMS, and rotations that nobody notices."""

import base64
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import google.oauth2.credentials
import pytest
from django.core.management import call_command
from django.db import connections
from google.auth.transport.requests import AuthorizedSession
from pydantic import SecretStr

from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.core.tenant import TenantRef
from apps.policies.connectors import googlekms, masterkeys, vault
from apps.policies.connectors.masterkeys import (
    EnvironmentKey,
    GoogleKmsKey,
    MasterKey,
    UnreadableKeyError,
    VaultTransitKey,
)
from apps.policies.models import Secret, TenantKey
from apps.policies.services import datakeys, rotation, secrets
from apps.policies.services.secrets import SecretsManager
from atom_project.config import config
from tests.support import cast, kms_emulator, vault_emulator


@contextmanager
def _environment_key() -> Iterator[MasterKey]:
    yield EnvironmentKey(os.urandom(32))


@contextmanager
def _vault_key() -> Iterator[MasterKey]:
    with vault_emulator.running() as emulator:
        emulator.make_key("atom")
        yield VaultTransitKey(vault.Vault(emulator.address, vault_emulator.TOKEN), "atom")


@contextmanager
def _kms_key() -> Iterator[MasterKey]:
    with kms_emulator.running() as emulator:
        session = AuthorizedSession(google.oauth2.credentials.Credentials(kms_emulator.TOKEN))
        yield GoogleKmsKey(googlekms.GoogleKms(session, address=emulator.address), kms_emulator.KEY)


HOLDERS = {"environment": _environment_key, "vault": _vault_key, "google": _kms_key}


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_holder_wraps_and_unwraps_and_minds_what_it_is_bound_to(holder: str) -> None:
    with HOLDERS[holder]() as master:
        wrapped = master.wrap(b"k" * 32, bound=b"acme|1")
        assert b"k" * 32 not in wrapped
        assert master.unwrap(wrapped, bound=b"acme|1") == b"k" * 32
        with pytest.raises(UnreadableKeyError):
            master.unwrap(wrapped, bound=b"globex|1")
        with pytest.raises(UnreadableKeyError):
            master.unwrap(wrapped[:-4], bound=b"acme|1")
        assert len(master.id) == 16


def test_a_vault_that_is_out_is_a_503_at_once_and_an_answer_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with vault_emulator.running() as emulator:
        emulator.make_key("atom")
        held = vault.Vault(emulator.address, vault_emulator.TOKEN)
        emulator.broken = True
        with pytest.raises(Unavailable):
            held.encrypt("atom", b"x", bound=b"")
        since, asked = held.down_since, len(emulator.requests)
        with pytest.raises(Unavailable):
            held.encrypt("atom", b"x", bound=b"")
        assert since is not None
        assert len(emulator.requests) == asked, "the second caller did not wait for Vault"
        emulator.broken = False
        monkeypatch.setattr(vault, "_PAUSE", 0.0)
        assert held.decrypt("atom", held.encrypt("atom", b"x", bound=b""), bound=b"") == b"x"
        assert held.down_since is None


def test_a_wrong_vault_token_is_a_refusal_and_no_outage() -> None:
    with vault_emulator.running() as emulator:
        emulator.make_key("atom")
        held = vault.Vault(emulator.address, "wrong")
        with pytest.raises(vault.VaultRefusedError):
            held.encrypt("atom", b"x", bound=b"")
        assert held.down_since is None


def test_a_damaged_answer_of_kms_is_noticed_and_an_outage_is_a_503() -> None:
    with kms_emulator.running() as emulator:
        session = AuthorizedSession(google.oauth2.credentials.Credentials(kms_emulator.TOKEN))
        kms = googlekms.GoogleKms(session, address=emulator.address)
        emulator.damaged = True
        with pytest.raises(Unavailable):
            kms.encrypt(kms_emulator.KEY, b"x", bound=b"")
        emulator.damaged, emulator.broken = False, True
        with pytest.raises(Unavailable):
            kms.decrypt(kms_emulator.KEY, b"x", bound=b"")


# --- rotation -----------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(fresh_tenant: TenantRef) -> TenantRef:
    return fresh_tenant


@pytest.fixture
def frida(fresh: TenantRef) -> Actor:
    return cast.actor(f"frida@{fresh.slug}.test", fresh)


@pytest.fixture
def change_master(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the two variables of this process, as a restart with other ones would."""

    def change(now: str, *previous: str) -> None:
        monkeypatch.setattr(config, "atom_master_key", SecretStr(now))
        monkeypatch.setattr(config, "atom_master_key_previous", SecretStr(",".join(previous)))
        datakeys._keys.clear()

    return change


def _new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _old_key() -> str:
    return config.atom_master_key.get_secret_value()


def _reveal(tenant: TenantRef, actor: Actor) -> str:
    datakeys.forget(tenant.id)
    with tenant_context.entered(tenant):
        return SecretsManager().reveal("rotation/one", actor=actor, purpose="test")


def _store(tenant: TenantRef, actor: Actor) -> None:
    with tenant_context.entered(tenant):
        SecretsManager().store("rotation/one", "the value of one", actor=actor)


def test_rotating_the_master_key_keeps_every_secret_readable_before_during_and_after(
    fresh: TenantRef, frida: Actor, change_master: Callable[..., None]
) -> None:
    _store(fresh, frida)
    old, new = _old_key(), _new_key()
    change_master(old, new)  # the first deployment learns to read the new key
    assert _reveal(fresh, frida) == "the value of one"
    change_master(new, old)  # the second wraps by the new one
    assert _reveal(fresh, frida) == "the value of one"
    assert rotation.pending(fresh) == 1
    assert rotation.rewrap(fresh) == rotation.Rewrapped(1, 0)
    assert _reveal(fresh, frida) == "the value of one"
    change_master(old, new)  # a process of the first deployment that still runs
    assert _reveal(fresh, frida) == "the value of one"
    change_master(new)
    assert rotation.pending(fresh) == 0
    assert _reveal(fresh, frida) == "the value of one"
    change_master(old)
    with pytest.raises(Unavailable):
        _reveal(fresh, frida)


def test_a_rotation_that_ended_in_the_middle_is_finished_by_the_next_and_by_several_at_once(
    fresh: TenantRef, frida: Actor, change_master: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _store(fresh, frida)
    rotation.rotate_data_key(fresh)
    old, new = _old_key(), _new_key()
    change_master(new, old)
    wrap, calls = datakeys.wrapped_by, iter((True, False))

    def killed(*args: Any) -> bytes:
        if not next(calls):
            raise KeyboardInterrupt
        return wrap(*args)

    with monkeypatch.context() as patched:
        patched.setattr(datakeys, "wrapped_by", killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.rewrap(fresh)
    assert _reveal(fresh, frida) == "the value of one"
    errors: list[BaseException] = []

    def run() -> None:
        try:
            rotation.rewrap(fresh)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert errors == []
    assert rotation.pending(fresh) == 0
    change_master(new)
    assert _reveal(fresh, frida) == "the value of one"


def test_moving_the_master_key_from_the_environment_to_vault_is_a_rotation(
    fresh: TenantRef, frida: Actor, change_master: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _store(fresh, frida)
    with vault_emulator.running() as emulator:
        emulator.make_key("atom-master")
        monkeypatch.setattr(config, "vault_addr", emulator.address)
        monkeypatch.setattr(config, "vault_token", SecretStr(vault_emulator.TOKEN))
        masterkeys.named.cache_clear()
        change_master("hashivault://atom-master", _old_key())
        call_command("rotate_master_key", "--tenant", fresh.slug)
        change_master("hashivault://atom-master")
        assert _reveal(fresh, frida) == "the value of one"
        emulator.keys["atom-master"].grow()  # vault write -f transit/keys/atom-master/rotate
        assert rotation.rewrap(fresh, every=True).done == 1
        with tenant_context.entered(fresh):
            assert bytes(TenantKey.objects.get().wrapped).startswith(b"vault:v2:")
        assert _reveal(fresh, frida) == "the value of one"
        emulator.broken = True
        with pytest.raises(Unavailable):
            _reveal(fresh, frida)
    masterkeys.named.cache_clear()


def test_a_key_that_nobody_configured_opens_is_told_and_left_alone(
    fresh: TenantRef, frida: Actor, change_master: Callable[..., None]
) -> None:
    _store(fresh, frida)
    old = _old_key()
    change_master(_new_key())
    assert rotation.rewrap(fresh) == rotation.Rewrapped(0, 1)
    with pytest.raises(SystemExit):
        call_command("rotate_master_key", "--tenant", fresh.slug)
    change_master(old)
    assert _reveal(fresh, frida) == "the value of one"


def test_rotating_the_data_key_seals_everything_again_and_is_audited(fresh: TenantRef, frida: Actor) -> None:
    _store(fresh, frida)
    with tenant_context.entered(fresh):
        before = Secret.objects.count()
        found = rotation.rotate_data_key(fresh)
        assert found == rotation.DataKeyRotation(2, before)
        assert {secrets.key_version(bytes(row.sealed)) for row in Secret.objects.all()} == {2}
        assert TenantKey.objects.get(version=1).retired_at is not None
        assert Entry.objects.filter(action="key.rotated").latest("seq").summary["resealed"] == before
    assert _reveal(fresh, frida) == "the value of one"


def test_a_value_sealed_under_an_older_key_still_opens(fresh: TenantRef, frida: Actor) -> None:
    with tenant_context.entered(fresh):
        sealed = SecretsManager().seal("kept/elsewhere", 1, "an older value")
        rotation.rotate_data_key(fresh)
        datakeys.forget(fresh.id)
        assert SecretsManager().unseal("kept/elsewhere", 1, sealed, actor=frida, purpose="test") == "an older value"


def test_an_unfinished_rotation_of_the_data_key_is_finished_and_not_begun_again(fresh: TenantRef, frida: Actor) -> None:
    _store(fresh, frida)
    with tenant_context.entered(fresh):
        datakeys.make(fresh, 2)  # killed right after the new key was made
        assert rotation.rotate_data_key(fresh).version == 2
        assert list(TenantKey.objects.filter(retired_at=None).values_list("version", flat=True)) == [2]


def test_two_writers_of_one_secret_get_two_versions(fresh: TenantRef, frida: Actor) -> None:
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            with tenant_context.entered(fresh):
                SecretsManager().store("race", f"value number {number}", actor=frida)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    with tenant_context.entered(fresh):
        assert errors == []
        assert sorted(Secret.objects.filter(name="race").values_list("version", flat=True)) == [1, 2, 3, 4, 5, 6]
        assert Secret.objects.get(name="race", is_current=True).version == 6
