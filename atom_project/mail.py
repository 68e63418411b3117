"""EMAIL_URL read into what Django's mail needs. Without one, letters are kept as files under the state folder."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "django.core.mail.backends.filebased.EmailBackend"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How letters leave. `folder` is where they stay when no server is named."""

    backend: str
    sender: str
    folder: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    tls: bool = False
    ssl: bool = False


def settings_of(url: str, *, state_dir: Path) -> MailSettings:
    """`smtp://user:password@host:587?from=a@b`, `smtps://…`, `file:///folder`, or nothing; raises ValueError.

    smtp uses STARTTLS unless `tls=off`, which is meant for a relay on the same machine.
    """
    if not url:
        return MailSettings(FILES, "atom@localhost", folder=str(state_dir / "mail"))
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    sender = query.get("from", "atom@localhost")
    if parts.scheme == "file" and parts.path:
        return MailSettings(FILES, sender, folder=unquote(parts.path))
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must be smtp://, smtps:// or file:// with a host or a folder")
    login = unquote(parts.username or ""), unquote(parts.password or "")
    if not "".join(login).isascii():
        raise ValueError("must log in by ASCII: Python's mail client sends no other user or password")
    implicit = parts.scheme == "smtps"
    return MailSettings(
        SMTP,
        sender,
        host=parts.hostname,
        port=parts.port or (465 if implicit else 587),
        user=login[0],
        password=login[1],
        tls=not implicit and query.get("tls", "on") != "off",
        ssl=implicit,
    )
