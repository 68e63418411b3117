"""The retention policy leaves nothing out: every table and app has its row, which says what becomes of it."""

import re
from pathlib import Path

from django.apps import apps as django_apps
from django.conf import settings

from apps.audit.services import retention
from apps.tenancy import rights

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "data-retention-policy.md").read_text()


def _rows(heading: str) -> list[list[str]]:
    part = TEXT.split(f"## {heading}")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return [row for row in rows[1:] if not row[0].startswith("---")]


def _named(rows: list[list[str]]) -> list[str]:
    return [name for row in rows for name in re.findall(r"`([a-z_]+)`", row[0])]


def test_every_app_with_tables_in_a_tenants_schema_has_a_row() -> None:
    labels = {model._meta.app_label for model in django_apps.get_models()} & settings.TENANT_LABELS
    assert sorted(labels - set(_named(_rows("Of a tenant")))) == []


def test_every_table_of_public_has_one_row() -> None:
    named = _named(_rows("Of the installation, in `public`"))
    assert sorted(named) == sorted(set(named))
    assert set(named) == set(rights.PUBLIC)


def test_every_row_says_what_a_purge_does() -> None:
    for row in _rows("Of a tenant"):
        assert len(row) == 4, row
        assert re.match(r"\**(goes|stays)\b", row[3]), row


def test_the_days_in_the_policy_are_those_in_code() -> None:
    most = f"{retention.MOST_DAYS:,}".replace(",", " ")
    assert f"({retention.DEFAULT_DAYS} days, or the tenant's own {retention.FEWEST_DAYS} to {most};" in TEXT
