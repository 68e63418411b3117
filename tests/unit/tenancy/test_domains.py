"""What a workspace's own domain may be."""

import pytest

from apps.tenancy.engine import domains

OWN = ["127.0.0.1", "localhost", "atom.example.org", ".apps.example.net"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("data.example.com", "data.example.com"),
        ("  Data.Example.COM. ", "data.example.com"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("データ.example", "xn--5ckp3n.example"),
        ("straße.example", "xn--strae-oqa.example"),
    ],
)
def test_a_host_name_is_kept_in_punycode(typed: str, kept: str) -> None:
    name = domains.normalised(typed)
    assert name == kept
    assert domains.normalised(domains.shown(name)) == name


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "Enter a domain"),
        ("*.example.com", "wildcard"),
        ("https://data.example.com", "alone"),
        ("data.example.com/path", "alone"),
        ("data.example.com:8000", "port"),
        ("203.0.113.7", "IP address"),
        ("[2001:db8::1]", "IP address"),
        ("2001:db8::1", "IP address"),
        ("127.1", "public DNS"),
        ("example", "two parts"),
        ("localhost", "two parts"),
        ("data.localhost", "public DNS"),
        ("printer.local", "public DNS"),
        ("a..b", "not a host name"),
        ("-a.example.com", "not a host name"),
        ("a_b.example.com", "not a host name"),
        ("a b.example.com", "not a host name"),
        ("x" * 64 + ".example.com", "not a host name"),
        (".".join(["abcdefgh"] * 40), "not a host name"),
        ("data.example.com\x00", "not a host name"),
    ],
)
def test_what_is_no_domain_gets_a_sentence(typed: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        domains.normalised(typed)


@pytest.mark.parametrize(
    ("name", "is_own"),
    [
        ("atom.example.org", True),
        ("x.atom.example.org", True),
        ("example.org", True),
        ("a.apps.example.net", True),
        ("data.example.com", False),
        ("notatom.example.org.com", False),
    ],
)
def test_the_installations_own_names_and_those_above_and_below_are_told(name: str, is_own: bool) -> None:
    assert domains.belongs_to(name, OWN) is is_own
