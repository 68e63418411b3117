"""Signing what policy P2 wants signed, and saying what a signature is worth.

With a key: ECDSA P-256 over the canonical bytes, in cosign's blob format, kept in Vault where there is one and always
beside the object. Without a key, or (outside production) while Vault or the key is out: `SIM-SIGN`, which says so,
counts for stand-ins alone, and ends by itself. In production an outage is a 503.
"""

import base64
import hashlib
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
import structlog

from apps.core import clock, components
from apps.core.components import Health, Mode
from apps.core.errors import AtomError, PolicyViolation, Unavailable
from apps.policies.connectors import signers, vault
from apps.policies.contracts import Signature, SigningTarget, TargetKind
from apps.policies.engine import cosign
from atom_project.config import Profile, config

SIMULATED: Final = "SIM-SIGN"
ALGORITHM: Final = "ecdsa-p256-sha256"
BLOCKED: Final = "BLOCKED (P2)"
_FOLDER: Final = "atom/signatures"
_NO_KEY: Final = "COSIGN_KEY_PATH is not set."
_STAND_INS: Final = frozenset(
    {TargetKind.SANDBOX, TargetKind.EMULATOR, TargetKind.STUDIO_PROJECT, SigningTarget.SIMULATED_DEPLOY}
)
_FRESH_SECONDS: Final = 30.0
_outage: list[datetime] = []  # since when signing is out; empty while it works
_trusted: list[tuple[float, tuple[str, ...]]] = []
log = structlog.get_logger(__name__)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: JSON with sorted keys and no spaces."""
    return orjson.dumps(dict(document), option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z, default=str)


def sign(content: bytes, *, object_ref: str) -> Signature:
    """Sign the canonical bytes of the object so named (`role_change/<id>`). Raises Unavailable in production alone."""
    digest = hashlib.sha256(content).digest()
    try:
        signer = signers.configured()
        if signer is None:
            return _simulated(digest, object_ref, _NO_KEY, "Set COSIGN_KEY_PATH and COSIGN_PASSWORD.")
        made = _signed(signer, digest, object_ref)
    except Unavailable as error:
        if config.profile is Profile.PRODUCTION:
            raise
        _note_outage(error)
        steps = " ".join(step.label for step in error.next_steps)
        return _simulated(digest, object_ref, error.message, steps, since=_outage[0])
    if _outage:
        log.info("signing.recovered", since=_outage[0].isoformat())
        _outage.clear()
    return made


def verify(content: bytes, signature: Signature) -> bool:
    """Whether the signature is of exactly this content, by a key this installation trusts (or is a SIM-SIGN of it).

    The public key inside the signature is for people; whoever can write the row could replace it.
    """
    digest = hashlib.sha256(content).digest()
    if signature.sha256 != digest.hex():
        return False
    if signature.algorithm == SIMULATED:
        return signature.simulated and signature.value == _sim_value(digest)
    if signature.algorithm != ALGORITHM or signature.simulated:
        return False
    try:
        made = base64.b64decode(signature.value, validate=True)
    except ValueError:
        return False
    return any(cosign.verifies(public, made, digest) for public in trusted_keys())


def counts_as_signed(signature: Signature | None, target: TargetKind | SigningTarget) -> bool:
    """What a (verified) signature is worth: a real one everywhere, SIM-SIGN for stand-ins, never for live targets."""
    if signature is None:
        return False
    if not signature.simulated and signature.algorithm == ALGORITHM:
        return True
    is_embedded = target is not TargetKind.STUDIO_PROJECT or config.profile is not Profile.PRODUCTION
    return signature.simulated and target in _STAND_INS and is_embedded


def require_signed(content: bytes, signature: Signature | None, target: TargetKind | SigningTarget) -> None:
    """Raise PolicyViolation unless the content is signed well enough for the target."""
    if signature is None or not verify(content, signature):
        raise PolicyViolation("This is not signed, or was changed after it was signed.", code="NOT_SIGNED")
    if not counts_as_signed(signature, target):
        raise PolicyViolation(
            f"{SIMULATED} does not count for a live target ({BLOCKED}).", code="NOT_SIGNED",
            next_steps=[signature.remedy or "Set COSIGN_KEY_PATH and COSIGN_PASSWORD."],
        )  # fmt: skip


def trusted_keys() -> tuple[str, ...]:
    """Public keys whose signatures count: the signer's, newest first, and COSIGN_TRUSTED_KEYS. Fresh for 30 s."""
    if _trusted and time.monotonic() - _trusted[0][0] < _FRESH_SECONDS:
        return _trusted[0][1]
    signer = signers.configured()
    found = (*(signer.public_keys() if signer else ()), *signers.earlier_public_keys())
    _trusted[:] = [(time.monotonic(), found)]
    return found


def forget() -> None:
    """Drop what this process remembers."""
    _trusted.clear()
    _outage.clear()


def kept_in_vault(object_ref: str) -> dict[str, Any] | None:
    """The newest signature of an object as Vault keeps it; None without Vault or without one."""
    held_by = vault.configured()
    return held_by.kept(_place(object_ref)) if held_by else None


def _signed(signer: signers.Signer, digest: bytes, object_ref: str) -> Signature:
    made = signer.sign(digest)
    public = next((each for each in signer.public_keys() if cosign.verifies(each, made, digest)), None)
    if public is None:
        raise Unavailable("What the signing key made does not verify.", code="SIGNING_UNAVAILABLE")
    held_by = None if config.simulation_mode else vault.configured()
    signature = Signature(
        algorithm=ALGORITHM, value=base64.b64encode(made).decode(), sha256=digest.hex(), object_ref=object_ref,
        signed_at=clock.now(), key_id=cosign.key_id(public), public_key=public,
        kept_in=f"vault:{_place(object_ref)}" if held_by else "",
    )  # fmt: skip
    if held_by:
        try:
            held_by.keep(_place(object_ref), signature.as_dict())
        except vault.VaultRefusedError as error:
            raise Unavailable(
                "Vault refuses to keep the signature.", code="SIGNING_UNAVAILABLE", next_steps=[vault.REMEDY]
            ) from error
    return signature


def _place(object_ref: str) -> str:
    return f"{_FOLDER}/{hashlib.sha256(object_ref.encode()).hexdigest()}"


def _simulated(digest: bytes, object_ref: str, reason: str, remedy: str, *, since: datetime | None = None) -> Signature:
    components.answered_by_stand_in("cosign")
    return Signature(
        algorithm=SIMULATED, value=_sim_value(digest), sha256=digest.hex(), object_ref=object_ref,
        signed_at=clock.now(), simulated=True, policy=BLOCKED, reason=reason, remedy=remedy, since=since,
    )  # fmt: skip


def _sim_value(digest: bytes) -> str:
    """Nobody's signature: it ties the mark to the content and proves nothing else."""
    return f"{SIMULATED}:{digest.hex()}"


def _note_outage(error: AtomError) -> None:
    if not _outage:
        _outage.append(clock.now())
        log.warning("signing.out", reason=error.message, policy=BLOCKED)


def signing_health() -> Health:
    """The signing key as a part of the installation."""
    is_production = config.profile is Profile.PRODUCTION and not config.simulation_mode
    try:
        signer = signers.configured()
        if signer is not None:
            return Health(Mode.LIVE, ok=True, detail=f"signs with key {cosign.key_id(signer.public_keys()[0])[:12]}")
        reason, remedy = _NO_KEY, "Set COSIGN_KEY_PATH and COSIGN_PASSWORD."
    except Unavailable as error:
        reason, remedy = error.message, " ".join(step.label for step in error.next_steps)
    since = f", since {_outage[0]:%Y-%m-%d %H:%M} UTC" if _outage else ""
    stand_in = "nothing is signed" if is_production else f"{SIMULATED} stands in"
    mode = Mode.BLOCKED if is_production else Mode.EMBEDDED
    return Health(mode, ok=not is_production, detail=f"{reason} {stand_in}{since}", policy=BLOCKED, remedy=remedy)


def vault_health() -> Health:
    """Vault as a part of the installation."""
    held_by = None if config.simulation_mode else vault.configured()
    is_production = config.profile is Profile.PRODUCTION and not config.simulation_mode
    if held_by is None:
        mode = Mode.BLOCKED if is_production else Mode.EMBEDDED
        detail = "keys and signatures are kept in the database"
        return Health(mode, ok=not is_production, detail=detail, policy=BLOCKED, remedy="Set VAULT_ADDR, VAULT_TOKEN.")
    try:
        if held_by.is_open():
            return Health(Mode.LIVE, ok=True, detail="answers and is unsealed")
        detail = "is sealed"
    except (Unavailable, vault.VaultRefusedError):
        since = f" since {held_by.down_since:%Y-%m-%d %H:%M} UTC" if held_by.down_since else ""
        detail = f"does not answer{since}"
    mode = Mode.BLOCKED if is_production else Mode.EMBEDDED
    detail += "" if is_production else f"; {SIMULATED} stands in"
    return Health(mode, ok=not is_production, detail=detail, policy=BLOCKED, remedy=vault.REMEDY)
