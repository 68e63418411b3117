"""The documents that must keep up with the code: flags, rights, acceptance rows; nothing that is not the product's."""

import re
import subprocess
from pathlib import Path

from apps.core.permissions import ROLE_SCOPES, Role, Scope
from atom_project.config import Config

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "runtime-flags.md").read_text()
    names = {(field.alias or name).upper() for name, field in Config.model_fields.items()}
    assert {name for name in names if f"`{name}`" not in text} == set()


def rbac_table() -> str:
    """The table of docs/rbac.md, from the table in code."""
    roles = [Role.ADMIN, Role.MEMBER, Role.VIEWER]
    lines = ["| scope | " + " | ".join(roles) + " |", "|---|" + "---|" * len(roles)]
    for scope in sorted(Scope):
        marks = ["yes" if scope in ROLE_SCOPES[role] else "" for role in roles]
        lines.append(f"| `{scope}` | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def test_the_table_of_rights_in_the_docs_is_the_one_in_code() -> None:
    assert rbac_table() in (ROOT / "docs" / "rbac.md").read_text()


def test_the_first_decisions_are_recorded() -> None:
    for name in ("001-orchestrator", "002-tenancy", "003-warehouse", "004-metabase", "005-timezone", "006-server-pair"):
        assert (ROOT / "docs" / "adr" / f"{name}.md").exists(), name


def test_non_goals_are_listed() -> None:
    assert "## Non-goals" in (ROOT / "docs" / "prd.md").read_text()


def test_every_acceptance_row_names_a_test_or_says_that_it_is_not_built() -> None:
    rows = re.findall(r"^\| (A\d+\.\d+) \| .* \| (.+) \|$", (ROOT / "docs" / "acceptance.md").read_text(), re.MULTILINE)
    assert len(rows) == 124
    for row, proof in rows:
        if proof == "not built yet":
            continue
        for path, name in re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", proof):
            text = (ROOT / path).read_text()
            assert not name or f"def {name}(" in text, f"{row}: {path}::{name}"


def test_nothing_of_a_registry_or_a_machine_is_committed() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    hosts = re.compile(r"registry\.npmjs|files\.pythonhosted|pypi\.org/simple|deb\.debian")
    wrong = [
        name
        for name in files
        if name
        and name != "tests/architecture/test_docs.py"
        and (ROOT / name).is_file()
        and hosts.search((ROOT / name).read_text(errors="ignore"))
    ]
    assert wrong == []
