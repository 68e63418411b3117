"""The readiness report in both formats: complete, and without a single secret."""

import os
from io import StringIO
from pathlib import Path

import orjson
from django.core.management import call_command


def report(*arguments: str) -> str:
    out = StringIO()
    call_command("readiness_report", *arguments, stdout=out)
    return out.getvalue()


def test_the_report_names_every_part_policy_and_studio_module() -> None:
    text = report()
    for wanted in (
        "postgres",
        "redis",
        "BLOCKED (P2)",
        "Set COSIGN_KEY_PATH and",
        "| P6 |",
        "Table grid",
        "GET /health",
    ):
        assert wanted in text


def test_the_report_as_json_lists_variables_by_name_only(tmp_path: Path) -> None:
    target = tmp_path / "readiness.json"
    report("--format", "json", "--out", str(target))
    body = orjson.loads(target.read_bytes())
    assert ["JWT_SECRET", True] in body["variables"]
    assert body["readiness"]["ok"] is True
    for secret in ("JWT_SECRET", "ATOM_MASTER_KEY", "POSTGRES_DSN", "REDIS_URL"):
        if os.environ.get(secret):
            assert os.environ[secret] not in target.read_text()
