"""Signatures end to end: key file, Vault, what happens without either, and what each is worth."""

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command
from pydantic import SecretStr

from apps.core.components import Mode
from apps.core.errors import PolicyViolation, Unavailable
from apps.policies.connectors import vault
from apps.policies.contracts import Signature, SigningTarget, TargetKind
from apps.policies.engine import cosign
from apps.policies.services import signing
from atom_project.config import Profile, config
from tests.support import vault_emulator
from tests.support.vault_emulator import VaultEmulator

CONTENT = signing.canonical({"b": 2, "a": {"role": "rw"}})
STAND_INS = (TargetKind.SANDBOX, TargetKind.EMULATOR, TargetKind.STUDIO_PROJECT, SigningTarget.SIMULATED_DEPLOY)
LIVE = (TargetKind.LIVE_WAREHOUSE, TargetKind.EXTERNAL_POSTGRES, SigningTarget.LIVE_DEPLOY)
Configure = Callable[..., None]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key file of the password `pw`, without its ending."""
    prefix = tmp_path_factory.mktemp("keys") / "cosign"
    key = ec.generate_private_key(ec.SECP256R1())
    prefix.with_suffix(".key").write_bytes(cosign.dump(key, b"pw"))
    prefix.with_suffix(".pub").write_text(cosign.public_pem(key))
    return prefix


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Set variables of this process, as a restart with others would."""

    def set_all(**values: Any) -> None:
        for name, value in values.items():
            is_secret = isinstance(getattr(config, name), SecretStr)
            monkeypatch.setattr(config, name, SecretStr(value) if is_secret else value)
        signing.forget()

    monkeypatch.setattr(vault, "_PAUSE", 0.0)
    yield set_all
    signing.forget()


@pytest.fixture
def held() -> Iterator[VaultEmulator]:
    with vault_emulator.running() as emulator:
        emulator.make_key("atom-sign", "ecdsa-p256")
        yield emulator


def sign() -> Signature:
    return signing.sign(CONTENT, object_ref="role_change/1")


def test_canonical_bytes_do_not_depend_on_the_order_of_members() -> None:
    assert CONTENT == signing.canonical({"a": {"role": "rw"}, "b": 2}) == b'{"a":{"role":"rw"},"b":2}'


def test_with_a_key_file_the_signature_is_one_that_cosign_verifies(configure: Configure, pair: Path) -> None:
    configure(cosign_key_path=str(pair.with_suffix(".key")), cosign_password="pw")
    made = sign()
    assert (made.algorithm, made.simulated, made.policy) == ("ecdsa-p256-sha256", False, "")
    public = pair.with_suffix(".pub").read_text()
    assert cosign.verifies(public, base64.b64decode(made.value), hashlib.sha256(CONTENT).digest())
    assert signing.verify(CONTENT, made)
    assert all(signing.counts_as_signed(made, target) for target in (*STAND_INS, *LIVE))
    assert signing.signing_health().mode is Mode.LIVE


def test_a_signature_survives_its_column(configure: Configure, pair: Path) -> None:
    configure(cosign_key_path=str(pair.with_suffix(".key")), cosign_password="pw")
    made = sign()
    assert Signature.from_dict({**made.as_dict(), "of_a_later_version": 1}) == made


def test_any_change_after_signing_shows(configure: Configure, pair: Path) -> None:
    configure(cosign_key_path=str(pair.with_suffix(".key")), cosign_password="pw")
    made = sign()
    other = CONTENT + b" "
    assert not signing.verify(other, made)
    assert not signing.verify(other, replace(made, sha256=hashlib.sha256(other).hexdigest()))
    assert not signing.verify(CONTENT, replace(made, value="bm8gc2lnbmF0dXJl"))
    assert not signing.verify(CONTENT, replace(made, value="not base64!"))
    assert not signing.verify(CONTENT, replace(made, algorithm="none"))


def test_the_public_key_beside_a_signature_is_not_trusted(configure: Configure, pair: Path) -> None:
    """Whoever can write the row could sign with a key of their own."""
    configure(cosign_key_path=str(pair.with_suffix(".key")), cosign_password="pw")
    mine = ec.generate_private_key(ec.SECP256R1())
    digest = hashlib.sha256(CONTENT).digest()
    forged = replace(
        sign(), value=base64.b64encode(cosign.sign(mine, digest)).decode(), public_key=cosign.public_pem(mine)
    )
    assert not signing.verify(CONTENT, forged)


def test_a_signature_of_an_earlier_key_counts_while_it_is_trusted(
    configure: Configure, pair: Path, tmp_path: Path
) -> None:
    configure(cosign_key_path=str(pair.with_suffix(".key")), cosign_password="pw")
    made = sign()
    call_command("cosign_keygen", str(tmp_path / "next"), stdout=io.StringIO())
    configure(cosign_key_path=str(tmp_path / "next.key"))
    assert not signing.verify(CONTENT, made)
    configure(cosign_trusted_keys=str(pair.with_suffix(".pub")))
    assert signing.verify(CONTENT, made)


def test_a_new_key_file_is_private_opens_and_is_never_overwritten(
    configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(cosign_password="a long password")
    call_command("cosign_keygen", str(tmp_path / "new"))
    private = tmp_path / "new.key"
    assert private.stat().st_mode & 0o777 == 0o600
    key = cosign.load(private.read_bytes(), b"a long password")
    assert (tmp_path / "new.pub").read_text() == cosign.public_pem(key)
    with pytest.raises(CommandError, match="exists already"):
        call_command("cosign_keygen", str(tmp_path / "new"))
    assert "a long password" not in capsys.readouterr().out


def test_without_a_key_it_is_sim_sign_and_counts_for_stand_ins_alone(configure: Configure) -> None:
    configure(cosign_key_path="", vault_addr="")
    made = sign()
    assert (made.algorithm, made.simulated, made.policy) == ("SIM-SIGN", True, "BLOCKED (P2)")
    assert made.reason
    assert made.remedy
    assert signing.verify(CONTENT, made)
    assert not signing.verify(CONTENT + b" ", made)
    assert all(signing.counts_as_signed(made, target) for target in STAND_INS)
    assert not any(signing.counts_as_signed(made, target) for target in LIVE)
    signing.require_signed(CONTENT, made, TargetKind.SANDBOX)
    with pytest.raises(PolicyViolation, match="BLOCKED"):
        signing.require_signed(CONTENT, made, SigningTarget.LIVE_DEPLOY)


def test_a_sim_sign_cannot_pass_for_a_real_one(configure: Configure) -> None:
    configure(cosign_key_path="", vault_addr="")
    made = replace(sign(), simulated=False)
    assert not signing.verify(CONTENT, made)
    assert not any(signing.counts_as_signed(made, target) for target in LIVE)
    with pytest.raises(PolicyViolation):
        signing.require_signed(CONTENT, made, SigningTarget.LIVE_DEPLOY)
    with pytest.raises(PolicyViolation):
        signing.require_signed(CONTENT, None, TargetKind.SANDBOX)


def test_in_production_the_studio_database_is_no_stand_in(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(cosign_key_path="", vault_addr="")
    made = sign()
    monkeypatch.setattr(config, "profile", Profile.PRODUCTION)
    assert not signing.counts_as_signed(made, TargetKind.STUDIO_PROJECT)
    assert signing.counts_as_signed(made, TargetKind.SANDBOX)
    assert signing.signing_health().mode is Mode.BLOCKED


def test_vault_signs_and_keeps_the_signature(configure: Configure, held: VaultEmulator) -> None:
    configure(cosign_key_path="hashivault://atom-sign", vault_addr=held.address, vault_token=vault_emulator.TOKEN)
    made = sign()
    assert signing.verify(CONTENT, made)
    assert not made.simulated
    public = vault_emulator.pem(held.keys["atom-sign"].versions[0])
    assert cosign.verifies(public, base64.b64decode(made.value), hashlib.sha256(CONTENT).digest())
    assert made.kept_in.startswith("vault:atom/signatures/")
    assert signing.kept_in_vault("role_change/1") == made.as_dict()
    assert signing.kept_in_vault("role_change/2") is None
    held.keys["atom-sign"].grow()  # vault write -f transit/keys/atom-sign/rotate
    signing.forget()
    assert signing.verify(CONTENT, sign())
    assert signing.verify(CONTENT, made), "signatures by an older version of the key still count"


def test_a_file_signs_and_vault_keeps(configure: Configure, held: VaultEmulator, pair: Path) -> None:
    key = str(pair.with_suffix(".key"))
    configure(cosign_key_path=key, cosign_password="pw", vault_addr=held.address, vault_token=vault_emulator.TOKEN)
    assert signing.kept_in_vault("role_change/1") is None
    made = sign()
    assert signing.kept_in_vault("role_change/1") == made.as_dict()


def test_while_vault_is_out_sim_sign_stands_in_says_since_when_and_ends_by_itself(
    configure: Configure, held: VaultEmulator
) -> None:
    configure(cosign_key_path="hashivault://atom-sign", vault_addr=held.address, vault_token=vault_emulator.TOKEN)
    before = sign()
    held.broken = True
    first, second = sign(), sign()
    assert first.simulated
    assert first.policy == "BLOCKED (P2)"
    assert first.since is not None
    assert first.since == second.since
    assert "VAULT_ADDR" in first.remedy
    assert not signing.counts_as_signed(first, SigningTarget.LIVE_DEPLOY)
    assert signing.verify(CONTENT, before), "what was signed before can still be checked"
    assert signing.vault_health().mode is Mode.EMBEDDED
    assert "since" in signing.vault_health().detail
    held.broken = False
    assert not sign().simulated
    assert signing.vault_health().mode is Mode.LIVE


def test_in_production_an_outage_is_a_503(
    configure: Configure, held: VaultEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(cosign_key_path="hashivault://atom-sign", vault_addr=held.address, vault_token=vault_emulator.TOKEN)
    held.broken = True
    monkeypatch.setattr(config, "profile", Profile.PRODUCTION)
    with pytest.raises(Unavailable) as caught:
        sign()
    assert caught.value.status == 503
    assert signing.vault_health().mode is Mode.BLOCKED


@pytest.mark.parametrize("wrong", ["password", "path", "key", "token"])
def test_a_key_that_cannot_be_used_is_told_with_its_remedy(
    configure: Configure, held: VaultEmulator, pair: Path, wrong: str
) -> None:
    key = str(pair.with_suffix(".key"))
    base: dict[str, Any] = {"vault_addr": held.address, "vault_token": vault_emulator.TOKEN}
    configure(**base, cosign_key_path=key, cosign_password="pw")
    changes: dict[str, dict[str, str]] = {
        "password": {"cosign_password": "another"},
        "path": {"cosign_key_path": "/nowhere/cosign.key"},
        "key": {"cosign_key_path": "hashivault://absent"},
        "token": {"vault_token": "hvs.another-token-than-the-right-one"},
    }
    configure(**changes[wrong])
    made = sign()
    assert made.simulated
    assert made.remedy
    assert "/nowhere" not in made.reason


def test_in_simulation_nothing_real_is_used(configure: Configure, held: VaultEmulator) -> None:
    configure(cosign_key_path="hashivault://atom-sign", vault_addr=held.address, simulation_mode=True)
    assert sign().simulated
    assert held.requests == []
