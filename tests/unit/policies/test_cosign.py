"""Cosign's formats, against test data that the reference implementations publish, and step by step."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from nacl.secret import SecretBox

from apps.policies.engine import cosign
from apps.policies.engine.cosign import KeyFileError

# sigstore/cosign, pkg/cosign/keys_test.go: `pemsigstorekey`, whose password there is "hello".
PUBLISHED = b"""-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjozMjc2OCwiciI6
OCwicCI6MX0sInNhbHQiOiI3T3VGd2VsbWZZNXVId2NoaURSc210anNwZ2ZlZjFG
Mk5lOGFDTjVLYVpZPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJQNHk4OGhCb3ZTa09MbXN0bFVBaGJwdDJ0K2xTNUxQSCJ9LCJj
aXBoZXJ0ZXh0IjoiMnB1QzdyZldJOWh3bnJlQ2s4aUZDRlVwQlRrSzRJNlIvbFBF
cnBDekpXUGpJWXl4eGVIL1A2VW52cFJHdVhla1NNb3JMdGhLamdoQ1JlNy82NDVH
QWtoVm1LRC92eEF0S2EvbE1abENSQ3FlekJGUFd1dzNpeFRtZ2xhb2J1ZFVSbUVs
bmNGOGlZbzBTMVl6Y1ZOMVFwY2J2c0dNcUlYRzVlbmdteGp5dCtBcXlyZTF0Q0Y0
V01tU1BlaEljNlBqd2h1Q2xHaVpJUWRvTGc9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----"""
# secure-systems-lab/go-securesystemslib, encrypted/encrypted_test.go: `kdfVectors`, passphrase "supersecret".
VECTORS = (
    (
        32768, "WO3mVvyTwJ9vwT5/Tk5OW5WPIBUofMjcpEfrLnfY4uA=", "tCy7HcTFr4uxv4Nrg/DWmncuZ148U1MX",
        "08n43p5G5yviPEZpO7tPPF4aZQkWiWjkv4taFdhDBA0tamKH4nw=",
    ),
    (
        65536, "FhzPOt9/bJG4PTq6lQ6ecG6GzaOuOy/ynG5+yRiFlNs=", "aw1ng1jHaDz/tQ7V2gR9O2+IGQ8xJEuE",
        "HycvuLZL4sYH0BrYTh4E/H20VtAW6u5zL5Pr+IBjYLYnCPzDkq8=",
    ),
    (
        131072, "m38E3kouJTtiheLQN22NQ8DTito5hrjpUIskqcd375k=", "Y6PM13yA+o44pE/W1ZBwczeGnTV/m9Zc",
        "6H8sqj1K6B6yDjtH5AQ6lbFigg/C2yDDJc4rYJ79w9aVPImFIPI=",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def test_a_key_file_that_cosign_published_opens_and_signs() -> None:
    key = cosign.load(PUBLISHED, b"hello")
    digest = hashlib.sha256(b"a blob").digest()
    assert cosign.verifies(cosign.public_pem(key), cosign.sign(key, digest), digest)


@pytest.mark.parametrize(("strength", "salt", "nonce", "sealed"), VECTORS)
def test_the_published_vectors_of_the_key_encryption_open(strength: int, salt: str, nonce: str, sealed: str) -> None:
    kdf = {"name": "scrypt", "params": {"N": strength, "r": 8, "p": 1}, "salt": salt}
    box = SecretBox(cosign._stretched(kdf, b"supersecret"))
    plain = box.decrypt(base64.b64decode(sealed), base64.b64decode(nonce))
    assert base64.b64decode(json.loads(plain)) == b"reallyimportant"


def test_a_key_file_of_ours_is_the_reference_format_step_by_step(key: ec.EllipticCurvePrivateKey) -> None:
    """1. PEM of JSON.  2. scrypt N=65536 r=8 p=1, 32 bytes of salt.  3. secretbox, 24 bytes of nonce.  4. PKCS #8."""
    text = cosign.dump(key, b"a password").decode()
    lines = text.strip().split("\n")
    assert lines[0] == "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"
    assert lines[-1] == "-----END ENCRYPTED SIGSTORE PRIVATE KEY-----"
    assert max(len(line) for line in lines[1:-1]) == 64
    document = json.loads(base64.b64decode("".join(lines[1:-1])))
    assert list(document) == ["kdf", "cipher", "ciphertext"]
    assert document["kdf"]["params"] == {"N": 65536, "r": 8, "p": 1}
    salt, nonce = (base64.b64decode(document[part][name]) for part, name in (("kdf", "salt"), ("cipher", "nonce")))
    assert (len(salt), len(nonce)) == (32, 24)
    stretched = Scrypt(salt=salt, length=32, n=65536, r=8, p=1).derive(b"a password")
    plain = SecretBox(stretched).decrypt(base64.b64decode(document["ciphertext"]), nonce)
    opened = serialization.load_der_private_key(plain, None)
    assert isinstance(opened, ec.EllipticCurvePrivateKey)
    assert opened.private_numbers() == key.private_numbers()
    assert cosign.load(text.encode(), b"a password").private_numbers() == key.private_numbers()


def test_the_older_name_of_the_key_file_opens_too(key: ec.EllipticCurvePrivateKey) -> None:
    text = cosign.dump(key, b"pw").replace(b"SIGSTORE", b"COSIGN")
    assert cosign.load(text, b"pw").private_numbers() == key.private_numbers()


def test_a_signature_is_plain_ecdsa_over_the_bytes_as_openssl_and_cosign_check_it(
    key: ec.EllipticCurvePrivateKey,
) -> None:
    content = b"what is signed"
    made = cosign.sign(key, hashlib.sha256(content).digest())
    assert made[0] == 0x30, "DER"
    key.public_key().verify(made, content, ec.ECDSA(hashes.SHA256()))
    assert cosign.public_pem(key).startswith("-----BEGIN PUBLIC KEY-----\n")


def _rewritten(text: bytes, change: object) -> bytes:
    lines = text.decode().strip().split("\n")
    document = json.loads(base64.b64decode("".join(lines[1:-1])))
    change(document)  # type: ignore[operator]
    body = base64.b64encode(json.dumps(document).encode()).decode()
    return "\n".join([lines[0], body, lines[-1]]).encode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["kdf"]["params"].update(N=2**30), "strength"),
        (lambda d: d["kdf"]["params"].update(r=1024), "strength"),
        (lambda d: d["kdf"].update(name="argon2"), "strength"),
        (lambda d: d["cipher"].update(name="aes"), "cipher"),
        (lambda d: d.pop("ciphertext"), "damaged"),
        (lambda d: d.update(ciphertext="AAAA"), "password|damaged"),
    ],
)
def test_a_key_file_that_is_not_as_it_should_be_is_refused_without_effort(change: object, message: str) -> None:
    with pytest.raises(KeyFileError, match=message):
        cosign.load(_rewritten(PUBLISHED, change), b"hello")


@pytest.mark.parametrize("text", [b"", b"no pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_what_is_no_key_file_is_refused(text: bytes) -> None:
    with pytest.raises(KeyFileError):
        cosign.load(text, b"hello")


def test_a_wrong_password_is_told() -> None:
    with pytest.raises(KeyFileError, match="password"):
        cosign.load(PUBLISHED, b"wrong")


def test_keys_on_another_curve_are_refused() -> None:
    other = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(KeyFileError, match="P-256"):
        cosign.load(cosign.dump(other, b"pw"), b"pw")
    assert not cosign.verifies(cosign.public_pem(other), b"x", b"0" * 32)


def test_a_signature_of_another_key_or_content_does_not_verify(key: ec.EllipticCurvePrivateKey) -> None:
    digest, other = (hashlib.sha256(text).digest() for text in (b"one", b"two"))
    made = cosign.sign(key, digest)
    stranger = cosign.public_pem(ec.generate_private_key(ec.SECP256R1()))
    assert not cosign.verifies(cosign.public_pem(key), made, other)
    assert not cosign.verifies(stranger, made, digest)
    assert not cosign.verifies("no key", made, digest)
    assert not cosign.verifies(cosign.public_pem(key), b"", digest)
