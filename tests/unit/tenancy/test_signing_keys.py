"""Keys of access tokens: which sign, which are accepted, and how a token may lie about them."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from apps.core import clock
from apps.core.errors import Unauthorised, Unavailable
from apps.core.ids import new_id
from apps.tenancy.services import signing_keys, tokens
from atom_project.config import config


def _rsa(bits: int = 2048) -> Any:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _pem(key: Any) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _public(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


@pytest.fixture(autouse=True)
def _keys_read_anew() -> Iterator[None]:
    _forget()
    yield
    _forget()


def _forget() -> None:
    signing_keys.current.cache_clear()
    tokens._verified.cache_clear()


@pytest.fixture
def sign_by(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """`sign_by("RS256", key)` makes the process sign by that key, read from a file."""

    def choose(algorithm: str, key: Any) -> None:
        path = tmp_path / f"{new_id()}.key"
        path.write_bytes(_pem(key))
        monkeypatch.setattr(config, "jwt_algorithm", algorithm)
        monkeypatch.setattr(config, "jwt_private_key_path", path)
        _forget()

    return choose


def _payload(**changes: Any) -> dict[str, Any]:
    ids = {name: str(new_id()) for name in ("sub", "tid", "mid", "sid")}
    now = clock.now()
    return {"iss": "atom", "aud": "atom", "ep": 0, "iat": now, "exp": now + timedelta(minutes=5), **ids, **changes}


@pytest.mark.parametrize(("algorithm", "key"), [("RS256", _rsa()), ("ES256", ec.generate_private_key(ec.SECP256R1()))])
def test_tokens_are_signed_by_a_private_key_and_checked_by_the_published_one(
    sign_by: Any, algorithm: str, key: Any
) -> None:
    sign_by(algorithm, key)
    token = signing_keys.sign(_payload())
    assert tokens.read(token).epoch == 0
    published = signing_keys.jwks()["keys"]
    assert [each["alg"] for each in published] == [algorithm]
    assert not {"d", "p", "q"} & published[0].keys()
    client = jwt.PyJWK(published[0])
    assert jwt.decode(token, client.key, algorithms=[algorithm], audience="atom")["ep"] == 0
    assert jwt.get_unverified_header(token)["kid"] == published[0]["kid"]


def test_a_key_before_this_one_is_accepted_while_it_lies_in_the_folder(
    sign_by: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, folder = _rsa(), tmp_path / "previous"
    folder.mkdir()
    sign_by("RS256", old)
    token = signing_keys.sign(_payload())
    (folder / "old.pem").write_bytes(_public(old))
    monkeypatch.setattr(config, "jwt_previous_keys_path", folder)
    sign_by("ES256", ec.generate_private_key(ec.SECP256R1()))
    assert tokens.read(token).epoch == 0
    assert [each["alg"] for each in signing_keys.jwks()["keys"]] == ["ES256", "RS256"]
    (folder / "old.pem").unlink()
    _forget()
    with pytest.raises(Unauthorised):
        tokens.read(token)


def test_a_secret_publishes_nothing_and_moves_to_public_keys_without_a_break(
    sign_by: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signing_keys.sign(_payload())
    assert signing_keys.jwks() == {"keys": []}
    monkeypatch.setattr(config, "jwt_previous_secret", config.jwt_secret)
    sign_by("RS256", _rsa())
    assert tokens.read(token).epoch == 0


def _with_header(token: str, **changes: Any) -> str:
    _, body, signature = token.split(".")
    header = {**jwt.get_unverified_header(token), **changes}
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"}, {"alg": "HS512"}, {"alg": "RS256"}, {"kid": "unknown"}, {"kid": "../../etc/passwd"},
        {"kid": None}, {"kid": ["a"]}, {"jwk": {"kty": "oct", "k": "AA"}}, {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example"}, {"crit": ["exp"]}, {"b64": False},
    ],
)  # fmt: skip
def test_a_header_that_lies_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Unauthorised) as refused:
        tokens.read(_with_header(signing_keys.sign(_payload()), **header))
    assert refused.value.code == "TOKEN_INVALID"


def test_the_public_key_is_no_hmac_secret(sign_by: Any) -> None:
    key = _rsa()
    sign_by("RS256", key)
    kid = signing_keys.current().signing_kid
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": kid}).encode()).rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps({"ep": 0}).encode()).rstrip(b"=").decode()
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    forged = base64.urlsafe_b64encode(signature.sign(f"{head}.{body}".encode(), _public(key))).rstrip(b"=").decode()
    with pytest.raises(Unauthorised):
        tokens.read(f"{head}.{body}.{forged}")


def _from_now(changes: dict[str, Any]) -> dict[str, Any]:
    """Distances as moments: a test may run minutes after it was collected."""
    return {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in changes.items()}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": timedelta(seconds=-30)}, "TOKEN_EXPIRED"),
        ({"nbf": timedelta(minutes=2)}, "TOKEN_INVALID"),
        ({"iat": timedelta(minutes=2)}, "TOKEN_INVALID"),
        ({"iss": "somebody"}, "TOKEN_INVALID"),
        ({"aud": "somebody"}, "TOKEN_INVALID"),
        ({"sub": "not-an-id"}, "TOKEN_INVALID"),
        ({"ep": None}, "TOKEN_INVALID"),
        ({"sid": None}, "TOKEN_INVALID"),
    ],
)
def test_claims_that_do_not_hold_are_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Unauthorised) as refused:
        tokens.read(signing_keys.sign(_payload(**_from_now(changes))))
    assert refused.value.code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": timedelta(seconds=-5)},
        {"nbf": timedelta(seconds=5)},
        {"iat": timedelta(seconds=5)},
    ],
)
def test_clocks_may_differ_by_seconds(changes: dict[str, Any]) -> None:
    assert tokens.read(signing_keys.sign(_payload(**_from_now(changes)))).epoch == 0


def test_a_weak_or_unfitting_key_stops_with_a_sentence(sign_by: Any) -> None:
    sign_by("RS256", _rsa(1024))
    with pytest.raises(Unavailable, match="2048"):
        signing_keys.current()
    sign_by("ES256", _rsa())
    with pytest.raises(Unavailable, match="RS256"):
        signing_keys.current()
