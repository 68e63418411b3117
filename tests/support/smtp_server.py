"""A mail server on loopback that keeps what it is given: RFC 5321 with AUTH PLAIN and LOGIN (RFC 4954) and STARTTLS."""

import base64
import datetime
import ipaddress
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Kept:
    """One message, how it came, and who had logged in to hand it over."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    encrypted: bool
    user: str


@dataclass
class SmtpServer:
    """`with SmtpServer() as server:`; `certificate` names its PEM file, `refuse` an address it does not take."""

    user: str = ""
    password: str = ""
    folder: Path | None = None
    refuse: str = ""
    kept: list[Kept] = field(default_factory=list)
    in_clear: list[str] = field(default_factory=list)
    """Every line that came before encryption began."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def certificate(self) -> Path:
        """What a client has to trust."""
        assert self.folder is not None
        return self.folder / "mail.pem"

    def __enter__(self) -> "SmtpServer":
        if self.folder is not None:
            _certify(self.certificate)
        server = self

        class Handler(_Conversation):
            home = server

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    home: SmtpServer
    encrypted = False
    who = ""

    def handle(self) -> None:
        self._forget()
        self._say("220 mail.test ESMTP")
        while line := self.rfile.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not self.encrypted:
                self.home.in_clear.append(text)
            verb, _, rest = text.partition(" ")
            answer = getattr(self, f"do_{verb.lower()}", None)
            if answer is None:
                self._say("502 not known")
            elif answer(rest) is False:
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def do_ehlo(self, _: str) -> None:
        offers = ["mail.test"]
        if self.home.folder is not None and not self.encrypted:
            offers.append("STARTTLS")
        if self.home.user and (self.encrypted or self.home.folder is None):
            offers.append("AUTH PLAIN LOGIN")
        for each in offers[:-1]:
            self._say(f"250-{each}")
        self._say(f"250 {offers[-1]}")

    do_helo = do_ehlo

    def do_starttls(self, _: str) -> bool | None:
        self._say("220 go ahead")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.home.certificate)
        try:
            self.connection: Any = context.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):  # the client does not trust us
            return False
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.encrypted = True
        return None

    def do_auth(self, rest: str) -> None:
        kind, _, first = rest.partition(" ")
        if kind.upper() == "PLAIN":
            _, user, password = self._decoded(first or self._asked("")).split("\0")
        else:
            user = self._decoded(first or self._asked("VXNlcm5hbWU6"))
            password = self._decoded(self._asked("UGFzc3dvcmQ6"))
        good = (user, password) == (self.home.user, self.home.password)
        self.who = user if good else ""
        self._say("235 welcome" if good else "535 wrong")

    def do_mail(self, rest: str) -> None:
        if self.home.user and not self.who:
            self._say("530 log in first")
            return
        self.sender = rest.partition(":")[2].split()[0].strip("<>")
        self._say("250 ok")

    def do_rcpt(self, rest: str) -> None:
        address = rest.partition(":")[2].split()[0].strip("<>")
        if address == self.home.refuse:
            self._say("450 try again later")
            return
        self.recipients.append(address)
        self._say("250 ok")

    def do_data(self, _: str) -> None:
        if not self.recipients:
            self._say("503 to whom?")
            return
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.home.kept.append(Kept(self.sender, self.recipients, message, self.encrypted, self.who))
        self._forget()
        self._say("250 kept")

    def do_rset(self, _: str) -> None:
        self._forget()
        self._say("250 ok")

    def do_quit(self, _: str) -> bool:
        self._say("221 bye")
        return False

    def _forget(self) -> None:
        self.sender, self.recipients = "", list[str]()

    def _asked(self, prompt: str) -> str:
        self._say(f"334 {prompt}")
        return self.rfile.readline().decode().strip()

    @staticmethod
    def _decoded(text: str) -> str:
        return base64.b64decode(text).decode()

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def _certify(path: Path) -> None:
    """A certificate for 127.0.0.1 that vouches for itself, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
