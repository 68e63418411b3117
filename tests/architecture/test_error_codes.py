"""Every code that the source raises is in the catalogue, and the catalogue is what the docs show."""

import re
from pathlib import Path

from apps.core import codes
from apps.workflows.enums import FailureCode

ROOT = Path(__file__).resolve().parents[2]
_RAISED = re.compile(r"""\bcode=["']([A-Z][A-Z0-9_]+)["']""")
_DEFAULT = re.compile(r"""\bdefault_code(?:: ClassVar\[str\])? = .*"([A-Z][A-Z0-9_]+)"$""", re.MULTILINE)
# Raised through a variable, or part of the contract for clients alone.
BY_NAME = {"TRANSIENT_NETWORK", "PARTIAL_RESULTS", "CARD_FAILED"}


def _codes_in_source() -> dict[str, str]:
    found = {}
    for folder in ("apps", "celery_app"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            for code in _RAISED.findall(text) + _DEFAULT.findall(text):
                found[code] = str(path.relative_to(ROOT))
    return found | dict.fromkeys(FailureCode, "apps/workflows/enums.py")


def test_every_raised_code_is_in_the_catalogue() -> None:
    found = _codes_in_source()
    assert len(found) > 60
    missing = {code: where for code, where in found.items() if code not in codes.CATALOGUE}
    assert missing == {}, "give each a row in apps/core/codes.py, and codes.as_markdown() to docs/errors.md"


def test_no_code_of_the_catalogue_is_stale() -> None:
    texts = [path.read_text() for path in (ROOT / "apps").rglob("*.py") if path.name != "codes.py"]
    named = set(re.findall(r"""["']([A-Z][A-Z0-9_]+)["']""", "\n".join(texts)))
    assert sorted(set(codes.CATALOGUE) - named - BY_NAME) == []


def test_every_entry_says_what_it_means_and_what_to_do_next() -> None:
    assert [name for name, code in codes.CATALOGUE.items() if not code.meaning or not code.next_step] == []


def test_the_catalogue_in_the_docs_is_the_one_in_code() -> None:
    assert codes.as_markdown() in (ROOT / "docs" / "errors.md").read_text()
