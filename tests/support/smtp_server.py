"""A mail server on loopback (aiosmtpd) that keeps what it is given, with a login and STARTTLS where they are wished."""

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from atom_project.runtime import ports


@dataclass(frozen=True, slots=True)
class Kept:
    """One message, how it came, and whether somebody had logged in to hand it over."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    encrypted: bool
    logged_in: bool


class SmtpServer:
    """`with SmtpServer() as server:` listens on `port`.

    With `folder` STARTTLS is demanded first, by the certificate in `certificate`, for which nobody vouches; a `login`
    (user, password) is demanded after it. `refuse` is an address it does not take just now.
    """

    def __init__(self, *, login: tuple[str, str] | None = None, folder: Path | None = None, refuse: str = "") -> None:
        self.kept: list[Kept] = []
        self.logins: list[tuple[str, str]] = []
        self.refuse = refuse
        self.port = ports.choose()
        self._login = login
        self.certificate = folder / "mail.pem" if folder else Path()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=_context(self.certificate) if folder else None,
            require_starttls=folder is not None,
            authenticator=self._authenticate,
            auth_required=login is not None,
        )

    def __enter__(self) -> "SmtpServer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the recipient, or say to try later."""
        if address == self.refuse:
            return "450 try again later"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message."""
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        encrypted, logged_in = session.ssl is not None, bool(session.authenticated)
        self.kept.append(Kept(envelope.mail_from or "", list(envelope.rcpt_tos), message, encrypted, logged_in))
        return "250 kept"

    def _authenticate(self, _server: Any, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        self.logins.append(given)
        return AuthResult(success=given == self._login, handled=False)  # the server answers


def _context(certificate: Path) -> ssl.SSLContext:
    _certify(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _certify(path: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
    builder = builder.add_extension(address, critical=False)
    made = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
