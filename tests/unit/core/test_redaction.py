"""Known secrets and shapes of secrets are hidden everywhere; ordinary text is not."""

import hashlib
import io
import json
import logging
import secrets
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
import structlog

from apps.core import redaction
from apps.core.logging import RedactingFilter, redact_secrets
from apps.core.redaction import HIDDEN, is_secret_name, redact, redact_text

SHAPES = {
    "a JSON Web Token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    "an address with a password": ("postgresql://alice:hunter2@db/atom", "hunter2"),
    "an address with a password alone": ("redis://:hunter2@db/0", "hunter2"),
    "a connection string": ("host=db user=alice password=hunter2secret dbname=x", "hunter2secret"),
    "a quoted connection string": ("password='hunter2secret'", "hunter2secret"),
    "JSON inside a string": ('"{\\"password\\": \\"hunter2secret\\"}"', "hunter2secret"),
    "a query string": ("/x?api_key=abcdef123456&page=2", "abcdef123456"),
    "a bearer header": ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
    "basic authentication": ("Authorization: Basic YWxpY2U6aHVudGVyMg==", "YWxpY2U6aHVudGVyMg"),
    "a private key": ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"),
    "a private key cut short": ("-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ", "MIIEvQ"),
    "an encrypted cosign key": (
        "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJrZGYi\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----",
        "eyJrZGYi",
    ),
    "an AWS key": ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
    "an AWS secret": ("aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    "a Google key": ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "SyA1234567890"),
    "a Slack token": ("xoxb-123456789012-abcdefghij", "123456789012-abc"),
    "an OpenAI key": ("sk-proj-abcdefghijklmnopqrstuvwxyz", "abcdefghijklm"),
    "a GitHub token": ("ghp_" + "a1" * 20, "a1a1a1"),
    "a Vault token": ("hvs.CAESIabcdefghijklmnopqrstuv", "CAESIabc"),
    "a token of ours": ("atom_pat_abcdefghijklmnop1234", "abcdefghijklmnop"),
    "a service account": (
        json.dumps({"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END"}),
        "MIIEvQ",
    ),
}
ORDINARY = (
    "0193d2c4-7f2e-7cc3-98c4-dc0c0c07398f",
    hashlib.sha256(b"x").hexdigest(),
    "sha256:" + hashlib.sha256(b"y").hexdigest(),
    "https://example.com/path?page=2&sort=name",
    "https://example.com:8443/a@b",
    "SELECT password_hash, secret_count FROM users WHERE api_key IS NULL",
    "SELECT 'task-management-with-many-words' FROM asia, basic tables",
    "The password of this datasource is missing.",
    "datasource:0199f0f3-1111-7000-8000-000000000000:password",
    "secret.decrypted",
    "basic membership costs more",
    "the bearer of this note",
    "2026-11-25T02:47:07Z acme.test alice@acme.test",
    "risk-adjusted-return-of-the-portfolio",
)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    before = redaction._known[0]
    yield
    redaction._known[0] = before


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_of_a_secret_is_hidden(name: str) -> None:
    text, secret = SHAPES[name]
    for shown in (redact_text(text), str(redact({"event": text})), str(redact([text]))):
        assert HIDDEN in shown
        assert secret not in shown


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact_text(text) == text


def test_what_was_hidden_still_says_what_it_was() -> None:
    assert redact_text("user=alice password=hunter2secret") == f"user=alice password={HIDDEN}"
    assert redact_text("postgresql://alice:hunter2@db/atom") == f"postgresql://{HIDDEN}@db/atom"


def test_a_known_secret_is_hidden_as_it_is_and_inside_a_url_or_json() -> None:
    redaction.remember('p@ss "w/ö" rd')
    for text in (
        'p@ss "w/ö" rd',
        "x?p=p%40ss%20%22w%2F%C3%B6%22%20rd",
        json.dumps('p@ss "w/ö" rd', ensure_ascii=False),
    ):
        assert HIDDEN in redact_text(text)


def test_a_service_account_is_known_by_its_private_key_too() -> None:
    redaction.remember(json.dumps({"client_email": "a@b.test", "private_key": "line-one-of-the-key"}))
    assert redact_text("a@b.test said line-one-of-the-key") == f"a@b.test said {HIDDEN}"


def test_a_short_value_is_not_remembered_so_that_words_stay_readable() -> None:
    redaction.remember("select", "")
    assert redact_text("select 1") == "select 1"


def test_another_tenant_cannot_find_out_by_trial_whether_it_guessed_a_secret() -> None:
    mine, other = uuid4(), uuid4()
    redaction.remember("guess-me-if-you-can", owner=mine)
    assert redact_text("guess-me-if-you-can", shown_to=other) == "guess-me-if-you-can"
    assert redact_text("guess-me-if-you-can", shown_to=mine) == HIDDEN
    assert redact_text("guess-me-if-you-can") == HIDDEN


@pytest.mark.parametrize("name", ["password", "JWT_SECRET", "apiKey", "Authorization", "set-cookie", "private_key_id"])
def test_a_value_under_a_secret_name_is_hidden_whatever_it_looks_like(name: str) -> None:
    assert is_secret_name(name)
    assert redact({name: "k1"}) == {name: HIDDEN}


@pytest.mark.parametrize("name", ["token_count", "secret_name", "key_version", "tokens_used", "query_hash", "keys"])
def test_a_name_that_only_sounds_secret_is_not(name: str) -> None:
    assert not is_secret_name(name)


def test_a_log_line_of_any_library_hides_secrets_in_message_arguments_and_traceback() -> None:
    redaction.remember("planted-known-secret")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    log = logging.getLogger("a.foreign.library")
    log.addHandler(handler)
    try:
        log.warning("connecting with %s", "planted-known-secret")
        try:
            raise ValueError("cannot use planted-known-secret")
        except ValueError:
            log.exception("failed")
    finally:
        log.removeHandler(handler)
    assert "planted-known-secret" not in stream.getvalue()
    assert stream.getvalue().count(HIDDEN) >= 2


def test_a_structured_event_hides_secrets_at_any_depth() -> None:
    redaction.remember("planted-known-secret")
    event = {
        "event": "x",
        "nested": {"list": [{"dsn": "a"}, "planted-known-secret"]},
        "error": ValueError("sk-" + "a" * 30),
    }
    shown = str(redact_secrets(None, "", event))
    assert "planted-known-secret" not in shown
    assert "sk-aaa" not in shown


def test_an_event_without_secrets_is_handed_on_as_it_is() -> None:
    event = {"event": "x", "rows": 7, "nested": {"list": [1, "two", None]}, "error": ValueError("plain")}
    assert redact_secrets(None, "", event) is event


def test_a_secret_with_quotes_and_line_ends_is_found_in_an_event_too() -> None:
    redaction.remember("line \"one\"\nline 'two'\\end")
    assert HIDDEN in str(redact_secrets(None, "", {"event": "got line \"one\"\nline 'two'\\end"}))


def test_hiding_costs_less_than_writing_the_line() -> None:
    """One large expression costs 120 times the floor of rendering the event; this, with 100 known secrets, 15 to 25."""
    redaction.remember(*(secrets.token_urlsafe(32) for _ in range(100)))
    event = {f"field_{number}": f"{uuid4()} some ordinary words" for number in range(12)}
    render = structlog.processors.JSONRenderer()

    def timed(work: object) -> float:
        rounds = []
        for _ in range(7):
            started = time.perf_counter()
            for _ in range(200):
                work()  # type: ignore[operator]
            rounds.append(time.perf_counter() - started)
        return min(rounds)

    floor = timed(lambda: render(None, "", dict(event)))
    assert timed(lambda: redact_secrets(None, "", dict(event))) < 60 * floor
