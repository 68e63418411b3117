"""Letters by a real mail server: in clear to a relay, by STARTTLS with a login, and what happens when it says no."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import override_settings

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.tenancy.models import Letter
from apps.tenancy.services import letters, members
from atom_project import mail
from tests.support import cast
from tests.support.smtp_server import SmtpServer

ONE_TENANT = True
Invite = Callable[[str], Letter]


@contextmanager
def sent_by(url: str) -> Iterator[None]:
    """Letters leave as EMAIL_URL says."""
    said = mail.settings_of(url, state_dir=Path())
    with override_settings(
        EMAIL_BACKEND=said.backend, EMAIL_HOST=said.host, EMAIL_PORT=said.port, EMAIL_HOST_USER=said.user,
        EMAIL_HOST_PASSWORD=said.password, EMAIL_USE_TLS=said.tls, EMAIL_USE_SSL=said.ssl,
        DEFAULT_FROM_EMAIL=said.sender,
    ):  # fmt: skip
        yield


@pytest.fixture
def invite(fresh_tenant: TenantRef) -> Invite:
    """An invitation's letter, written down and not yet sent."""
    frida: Actor = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)

    def invited(address: str) -> Letter:
        with tenant_context.entered(fresh_tenant):
            members.invite(frida, email=address, name="Zoë", role=Role.MEMBER)
        return Letter.objects.get(address=address)

    return invited


def test_a_relay_gets_the_letter_with_its_link(invite: Invite) -> None:
    letter = invite("zoe@relay.test")
    with SmtpServer() as server, sent_by(f"smtp://127.0.0.1:{server.port}?from=atom@company.test&tls=off"):
        letters.deliver(str(letter.id))
    (kept,) = server.kept
    assert (kept.sender, kept.recipients) == ("atom@company.test", ["zoe@relay.test"])
    assert kept.message["From"] == "atom@company.test"
    assert kept.message["Subject"].startswith("ATOM: You are invited to ")
    assert re.search(r"http://\S+/invitation\S*/\S{20,}", kept.message.get_content())
    assert not Letter.objects.filter(id=letter.id).exists()


def test_by_starttls_the_login_and_the_letter_are_encrypted(
    invite: Invite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = invite("zoe@tls.test")
    with SmtpServer(login=("atom", "p@ss:word/%"), folder=tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        with sent_by(f"smtp://atom:p%40ss%3Aword%2F%25@127.0.0.1:{server.port}"):
            letters.deliver(str(letter.id))
    (kept,) = server.kept
    assert (kept.encrypted, kept.logged_in) == (True, True)
    assert server.logins == [("atom", "p@ss:word/%")]


def test_a_server_nobody_vouches_for_gets_neither_password_nor_letter(invite: Invite, tmp_path: Path) -> None:
    letter = invite("zoe@false.test")
    with SmtpServer(login=("atom", "secret"), folder=tmp_path) as server:
        with sent_by(f"smtp://atom:secret@127.0.0.1:{server.port}"), pytest.raises(ssl.SSLCertVerificationError):
            letters.deliver(str(letter.id))
        assert (server.kept, server.logins) == ([], [])
    assert Letter.objects.filter(id=letter.id).exists()


def test_a_letter_that_is_refused_stays_and_leaves_later_once(invite: Invite) -> None:
    letter = invite("zoe@later.test")
    with SmtpServer(refuse="zoe@later.test") as server, sent_by(f"smtp://127.0.0.1:{server.port}?tls=off"):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            letters.deliver(str(letter.id))
        assert Letter.objects.filter(id=letter.id).exists()
        server.refuse = ""
        letters.deliver(str(letter.id))
        letters.deliver(str(letter.id))
        assert len(server.kept) == 1


def test_a_wrong_password_and_a_closed_port_keep_the_letter(
    invite: Invite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = invite("zoe@closed.test")
    with SmtpServer(login=("atom", "right"), folder=tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        with sent_by(f"smtp://atom:wrong@127.0.0.1:{server.port}"), pytest.raises(smtplib.SMTPAuthenticationError):
            letters.deliver(str(letter.id))
        assert server.kept == []
    with sent_by(f"smtp://127.0.0.1:{server.port}?tls=off"), pytest.raises(ConnectionRefusedError):
        letters.deliver(str(letter.id))
    assert Letter.objects.filter(id=letter.id).exists()
