"""The receipt of a purge: what was removed, what is left (nothing), hashed and signed; read by its own token.

The tenant's tokens are gone by then, so the receipt has one: it names the purge, is signed, and opens nothing else.
"""

import hashlib
import hmac
from base64 import b64decode
from datetime import timedelta
from typing import Any, Final

import orjson
from django.core import signing

from apps.core import tenant as tenant_context
from apps.core.errors import NotFound
from apps.tenancy.models import Purge
from atom_project.config import config

READABLE_FOR: Final = timedelta(days=90)
_SALT: Final = "atom purge receipt"


def token_of(purge: Purge) -> str:
    """What opens the receipt of this purge for 90 days."""
    return signing.dumps(purge.id.hex, salt=_SALT)


def read(token: str) -> Purge:
    """The purge a token stands for; raises NotFound for anything else."""
    unknown = NotFound("There is no such receipt, or it can no longer be read.")
    try:
        purge_id = signing.loads(token, salt=_SALT, max_age=READABLE_FOR)
    except signing.BadSignature:
        raise unknown from None
    with tenant_context.entered(None):
        purge = Purge.objects.filter(id=purge_id).first()
    if purge is None:
        raise unknown
    return purge


def as_answer(purge: Purge) -> dict[str, Any]:
    """State and receipt, as API and page give them."""
    return {
        "purge_id": str(purge.id),
        "tenant": {"id": str(purge.tenant_id), "slug": purge.slug},
        "state": purge.state,
        "asked_at": purge.created_at.isoformat(),
        "finished_at": purge.finished_at.isoformat() if purge.finished_at else None,
        "problem": purge.problem,
        "receipt": purge.receipt if purge.is_done else None,
    }


def compose(purge: Purge, left: dict[str, dict[str, int]]) -> dict[str, Any]:
    """The signed receipt. `sha256` is of the canonical JSON of everything but hash and signature."""
    body: dict[str, Any] = {
        "purge_id": str(purge.id),
        "tenant_id": str(purge.tenant_id),
        "slug": purge.slug,
        "asked_at": purge.created_at.isoformat(),
        "finished_at": purge.finished_at.isoformat() if purge.finished_at else None,
        "forced": purge.force,
        "removed": purge.counted,
        "left": left,
        "audit": purge.receipt.get("audit", {}),
    }
    digest, signature = _sealed(body)
    return {**body, "sha256": digest, "signature": signature, "algorithm": "HMAC-SHA256"}


def is_genuine(receipt: dict[str, Any]) -> bool:
    """Whether hash and signature fit the content."""
    body = {name: value for name, value in receipt.items() if name not in ("sha256", "signature", "algorithm")}
    digest, signature = _sealed(body)
    return digest == receipt.get("sha256") and hmac.compare_digest(signature, str(receipt.get("signature")))


def shown(counts: dict[str, dict[str, int]]) -> str:
    """What is left, in one line."""
    return ", ".join(f"{store}: {n} {item}" for store, items in counts.items() for item, n in items.items() if n)


def _sealed(body: dict[str, Any]) -> tuple[str, str]:
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest(), hmac.new(_key(), text, hashlib.sha256).hexdigest()


def _key() -> bytes:
    master = b64decode(config.atom_master_key.get_secret_value())
    return hmac.new(master, b"atom purge receipts v1", hashlib.sha256).digest()
