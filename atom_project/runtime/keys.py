"""The installation's id, passwords and keys: made once at the first start, kept in one file of mode 0600."""

import base64
import fcntl
import json
import os
import secrets
import string
from dataclasses import asdict, dataclass, fields
from pathlib import Path

FILE_NAME = "secrets.json"
DEMO_FILE_NAME = "demo-password"


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything random of one installation. Never logged, never in an argument list."""

    installation: str
    postgres_superuser: str
    postgres_owner: str
    postgres_app: str
    redis: str
    jwt_secret: str
    master_key: str
    demo_password: str

    @property
    def owner_role(self) -> str:
        """The LOGIN role that owns schemas and migrates."""
        return f"atom_{self.installation}_owner"

    @property
    def app_role(self) -> str:
        """The LOGIN role the processes work as."""
        return f"atom_{self.installation}_app"


def load(state: Path) -> Keys:
    """The keys of the installation in `state`; made when missing, completed when a newer version needs more."""
    path = state / FILE_NAME
    lock = os.open(state, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        keys = Keys(**({**_fresh(), **{f.name: known[f.name] for f in fields(Keys) if f.name in known}}))
        if asdict(keys) != known:
            write_private(path, json.dumps(asdict(keys), indent=1))
            write_private(state / DEMO_FILE_NAME, keys.demo_password + "\n")
    finally:
        os.close(lock)
    return keys


def write_private(path: Path, text: str) -> None:
    """Replace a file atomically, readable by its owner alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _fresh() -> dict[str, str]:
    letters, rest = string.ascii_lowercase, string.ascii_lowercase + string.digits
    return {
        "installation": secrets.choice(letters) + "".join(secrets.choice(rest) for _ in range(5)),
        "postgres_superuser": secrets.token_urlsafe(24),
        "postgres_owner": secrets.token_urlsafe(24),
        "postgres_app": secrets.token_urlsafe(24),
        "redis": secrets.token_urlsafe(24),
        "jwt_secret": secrets.token_urlsafe(48),
        "master_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "demo_password": _memorable(),
    }


def _memorable() -> str:
    """Four groups a person can type: about 80 bits, without look-alikes."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
