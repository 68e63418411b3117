"""Cosign's formats: its encrypted private key file, and signatures of blobs (ECDSA P-256 over SHA-256, DER).

The key file is PEM around JSON: scrypt stretches the password, NaCl's secretbox seals the PKCS #8 key. Formats as in
sigstore/cosign `pkg/cosign/keys.go` and secure-systems-lab/go-securesystemslib `encrypted`.
"""

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

_PEM: Final = re.compile(
    rb"-----BEGIN (ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----"
)
_PUBLIC: Final = re.compile(r"-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----\n?")
# The strengths the reference knows (legacy, standard, OWASP); anything else could be made to eat all memory.
_STRENGTHS: Final = frozenset({32_768, 65_536, 131_072})
_STANDARD: Final = 65_536
_SALT: Final = 32
_LINE: Final = 64


class KeyFileError(ValueError):
    """The file is no cosign key, the password is wrong, or the key is of another kind."""


def load(text: bytes, password: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key of a cosign key file. Takes about 0.2 s and 64 MB: scrypt is meant to."""
    match = _PEM.search(text)
    if match is None:
        raise KeyFileError("This is no cosign private key file.")
    try:
        document = orjson.loads(base64.b64decode(match[2]))
        stretched = _stretched(document["kdf"], password)
        if document["cipher"]["name"] != "nacl/secretbox":
            raise KeyFileError("The key file uses a cipher that cosign does not.")
        sealed, nonce = base64.b64decode(document["ciphertext"]), base64.b64decode(document["cipher"]["nonce"])
        key = serialization.load_der_private_key(SecretBox(stretched).decrypt(sealed, nonce), None)
    except CryptoError:
        raise KeyFileError("The password does not open the key file.") from None
    except (KeyError, TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise error if isinstance(error, KeyFileError) else KeyFileError("The key file is damaged.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileError("The key is not an ECDSA key on P-256.")
    return key


def dump(key: ec.EllipticCurvePrivateKey, password: bytes) -> bytes:
    """A key file that cosign reads, at its standard strength."""
    kdf = {
        "name": "scrypt",
        "params": {"N": _STANDARD, "r": 8, "p": 1},
        "salt": base64.b64encode(os.urandom(_SALT)).decode(),
    }
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    sealed = SecretBox(_stretched(kdf, password)).encrypt(plain)
    document = {
        "kdf": kdf,
        "cipher": {"name": "nacl/secretbox", "nonce": base64.b64encode(sealed.nonce).decode()},
        "ciphertext": base64.b64encode(sealed.ciphertext).decode(),
    }
    body = base64.b64encode(orjson.dumps(document)).decode()
    lines = [body[at : at + _LINE] for at in range(0, len(body), _LINE)]
    name = "ENCRYPTED SIGSTORE PRIVATE KEY"
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----", ""]).encode()


def _stretched(kdf: Mapping[str, object], password: bytes) -> bytes:
    parameters = kdf["params"]
    assert isinstance(parameters, dict)
    strength, r, p = parameters["N"], parameters["r"], parameters["p"]
    if kdf["name"] != "scrypt" or strength not in _STRENGTHS or (r, p) != (8, 1):
        raise KeyFileError("The key file asks for a strength that cosign does not use.")
    salt = base64.b64decode(str(kdf["salt"]))
    return Scrypt(salt=salt, length=SecretBox.KEY_SIZE, n=strength, r=r, p=p).derive(password)


def sign(key: ec.EllipticCurvePrivateKey, digest: bytes) -> bytes:
    """The DER signature of a SHA-256 digest; its base64 is what `cosign sign-blob` writes."""
    return key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))


def verifies(public: str, signature: bytes, digest: bytes) -> bool:
    """Whether the holder of the public key (PEM) signed this digest."""
    try:
        key = serialization.load_pem_public_key(public.encode())
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return False
        key.verify(signature, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def public_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half, as `cosign.pub` holds it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def public_keys_in(text: str) -> tuple[str, ...]:
    """Every public key of a PEM file."""
    return tuple(match[0].strip() + "\n" for match in _PUBLIC.finditer(text))


def key_id(public: str) -> str:
    """A short name of a public key: the start of the hash of its DER form. Raises ValueError for what is no key."""
    der = serialization.load_pem_public_key(public.encode()).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()[:32]
