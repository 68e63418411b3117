"""Names of devices and networks, and what EMAIL_URL means."""

from pathlib import Path

import pytest

from apps.tenancy.engine import devices
from apps.tenancy.services import personal_tokens
from atom_project import mail

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [(CHROME, "Chrome on Windows"), ("curl/8.5.0", "curl/8.5.0"), ("", ""), ("<script>alert(1)</script>", ""),
     ("python-httpx/0.28.1 extra", "python-httpx/0.28.1")],
)  # fmt: skip
def test_a_device_is_named_without_repeating_what_was_sent(agent: str, name: str) -> None:
    assert devices.name_of(agent) == name


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1::/48"), ("::ffff:192.0.2.1", "192.0.2.0/24"),
     ("unix", "")],
)  # fmt: skip
def test_of_an_address_the_network_alone_is_kept(address: str, network: str) -> None:
    assert devices.region_of(address) == network


def test_mail_stays_in_the_state_folder_until_a_server_is_named(tmp_path: Path) -> None:
    assert mail.settings_of("", state_dir=tmp_path).folder == str(tmp_path / "mail")
    named = mail.settings_of("smtp://me:p%40ss@mail.example:2525?from=atom@example.com", state_dir=tmp_path)
    assert (named.host, named.port, named.user, named.password) == ("mail.example", 2525, "me", "p@ss")
    assert (named.tls, named.ssl, named.sender) == (True, False, "atom@example.com")
    assert mail.settings_of("smtps://mail.example", state_dir=tmp_path).port == 465


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example", "file:"])
def test_a_mail_address_that_cannot_work_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be smtp"):
        mail.settings_of(url, state_dir=tmp_path)


@pytest.mark.parametrize("text", ["", "atom_pat_", "atom_pat_" + "a" * 38, "atom_pat_" + "é" * 38, "x" * 47])
def test_noise_is_not_taken_for_a_token(text: str) -> None:
    assert not personal_tokens.looks_like_one(text)


def test_a_login_that_cannot_be_sent_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        mail.settings_of("smtp://me:w%C3%B6rd@mail.example", state_dir=tmp_path)
