"""The signer that every installation has: HMAC-SHA256 under a key derived from the master key."""

import base64
import hashlib
import hmac
from typing import Final

from apps.core.errors import Unavailable
from atom_project.config import config

_PURPOSE: Final = b"atom.audit.anchor.v1"


class InstallationKey:
    """Whoever holds the master key can sign, nobody with the database alone can."""

    algorithm = "hmac-sha256"

    def sign(self, payload: bytes) -> str:
        """The MAC of `payload` in hexadecimal."""
        return hmac.new(_key(), payload, hashlib.sha256).hexdigest()

    def verify(self, payload: bytes, signature: str) -> bool:
        """Compared in constant time."""
        return hmac.compare_digest(self.sign(payload), signature)


def _key() -> bytes:
    master = base64.b64decode(config.atom_master_key.get_secret_value() or "")
    if not master:
        raise Unavailable(
            "ATOM_MASTER_KEY is not set, so the audit trail cannot be anchored.", code="MASTER_KEY_MISSING"
        )
    return hmac.new(master, _PURPOSE, hashlib.sha256).digest()
