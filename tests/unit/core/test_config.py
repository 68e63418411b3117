"""The environment is validated at start; production has no default for what matters."""

import base64
import os

import pytest
from pydantic import ValidationError

from atom_project.config import Config, describe

_KEY = base64.b64encode(b"k" * 32).decode()
_PRODUCTION = {
    "ATOM_PROFILE": "production",
    "POSTGRES_DSN": "postgresql://atom_x_app:pw@db/atom",
    "REDIS_URL": "redis://redis/0",
    "JWT_SECRET": "a secret of at least thirty-two bytes",
    "ATOM_MASTER_KEY": _KEY,
    "ALLOW_REAL_QUERY_EXECUTION": "false",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in _PRODUCTION or name.startswith(("ATOM_", "BIGQUERY_", "METABASE_", "SIMULATION")):
            monkeypatch.delenv(name)


def _with(monkeypatch: pytest.MonkeyPatch, **values: str) -> Config:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Config()


def _refusal(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    with pytest.raises(ValidationError) as caught:
        _with(monkeypatch, **values)
    return describe(caught.value)


def test_a_complete_production_environment_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _with(monkeypatch, **_PRODUCTION).env == "LIVE"


def test_production_needs_the_flag_for_real_execution_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {name: value for name, value in _PRODUCTION.items() if name != "ALLOW_REAL_QUERY_EXECUTION"}
    assert "ALLOW_REAL_QUERY_EXECUTION" in _refusal(monkeypatch, **given)


@pytest.mark.parametrize("name", ["POSTGRES_DSN", "REDIS_URL", "JWT_SECRET", "ATOM_MASTER_KEY"])
def test_production_has_no_default_for(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert name in _refusal(monkeypatch, **{key: value for key, value in _PRODUCTION.items() if key != name})


def test_simulation_and_real_execution_exclude_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _refusal(monkeypatch, SIMULATION_MODE="true", ALLOW_REAL_QUERY_EXECUTION="true")
    assert "exclude each other" in text


def test_real_execution_needs_a_project_and_no_mock(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "BIGQUERY_PROJECT_ID" in _refusal(monkeypatch, ALLOW_REAL_QUERY_EXECUTION="true")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "eighty"), ("ATOM_MASTER_KEY", "c2hvcnQ="), ("POSTGRES_DSN", "mysql://x"), ("ATOM_PROFILE", "staging")],
)
def test_a_bad_value_is_named_in_one_line_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    text = _refusal(monkeypatch, **{name: value})
    assert name in text
    assert "\n" not in text
    if name != "ATOM_PROFILE":
        assert value not in text


def test_a_secret_is_not_shown_by_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "pw@db" not in repr(_with(monkeypatch, **_PRODUCTION))


@pytest.mark.parametrize(
    "key", [_KEY, "hashivault://atom-master", "gcpkms://projects/p/locations/eu/keyRings/r/cryptoKeys/k"]
)
def test_the_master_key_may_be_here_in_vault_or_in_a_kms(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    assert _with(monkeypatch, ATOM_MASTER_KEY=key).atom_master_key.get_secret_value() == key


@pytest.mark.parametrize("key", ["short", "hashivault://two words", "gcpkms://projects/p", f"{_KEY},{_KEY}"])
def test_a_master_key_of_another_form_stops_the_start_and_is_not_echoed(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    text = _refusal(monkeypatch, ATOM_MASTER_KEY=key)
    assert text.startswith("configuration: ATOM_MASTER_KEY:")
    assert key not in text


def test_further_master_keys_are_checked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _with(monkeypatch, ATOM_MASTER_KEY_PREVIOUS=f"{_KEY}, hashivault://old").atom_master_key_previous
    assert "ATOM_MASTER_KEY_PREVIOUS" in _refusal(monkeypatch, ATOM_MASTER_KEY_PREVIOUS=f"{_KEY},nonsense")


def test_every_configured_secret_is_known_for_redaction_also_inside_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {**_PRODUCTION, "POSTGRES_DSN": "postgresql://u:p%40ss-word@db/x", "EMAIL_URL": "smtp://u:mail-pw@host"}
    values = _with(monkeypatch, **given).secret_values()
    assert {"p%40ss-word", "p@ss-word", "mail-pw", _PRODUCTION["JWT_SECRET"], _KEY} <= set(values)
    assert "" not in values
