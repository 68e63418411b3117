"""What tenancy, which stands below, may ask of the secrets' keepers: sealing for the platform, keeping for a tenant.

A person's secrets (second factors) belong to no tenant, so the master key itself wraps them: the sealed value names the
key that did and is bound to its own name. A tenant's secrets go to its SecretsManager.
"""

from typing import Final

from apps.core.actor import Actor
from apps.core.errors import Unavailable
from apps.core.tenant import require
from apps.policies.connectors import masterkeys
from apps.policies.connectors.masterkeys import UnreadableKeyError
from apps.policies.services.secrets import SecretsManager

_ID: Final = 16


def seal(name: str, value: str) -> bytes:
    """`value` sealed for the platform, bound to `name`: 16 characters that name the master key, then what it made."""
    master = masterkeys.current()
    return master.id.encode() + master.wrap(value.encode(), bound=_bound(name))


def unseal(name: str, sealed: bytes) -> str:
    """The value again; raises Unavailable when no configured key opens it."""
    try:
        master = masterkeys.readable(sealed[:_ID].decode())
        return master.unwrap(sealed[_ID:], bound=_bound(name)).decode()
    except (UnreadableKeyError, ValueError) as error:
        raise Unavailable("A stored secret cannot be opened.", code="SECRET_UNREADABLE") from error


def is_stale(sealed: bytes) -> bool:
    """Whether another than the current master key sealed it, so that it should be sealed again."""
    return sealed[:_ID].decode() != masterkeys.current().id


def keep(name: str, value: str, *, actor: Actor) -> None:
    """Keep a secret of the entered tenant."""
    SecretsManager(require()).store(name, value, actor=actor)


def reveal(name: str, *, actor: Actor, purpose: str) -> str:
    """A secret of the entered tenant; audited; raises NotFound."""
    return SecretsManager(require()).reveal(name, actor=actor, purpose=purpose)


def forget(name: str, *, actor: Actor) -> None:
    """Destroy a secret of the entered tenant."""
    SecretsManager(require()).destroy(name, actor=actor)


def _bound(name: str) -> bytes:
    return f"atom-platform|{name}".encode()
