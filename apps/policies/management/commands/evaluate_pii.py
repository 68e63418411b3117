"""`manage.py evaluate_pii`: precision, recall and F2 of recognition per class, over the fixed corpora of columns."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.policies.engine.pii import evaluation
from apps.policies.engine.pii.classify import classify_column
from apps.policies.engine.pii.verdict import RECOGNISER_VERSION, PiiKind, Tier

CORPORA: Final = {
    "columns.jsonl": "Written by hand, half of them look-alikes (order numbers at Luhn's rate of chance, versions"
    " shaped like addresses, `email_verified`)",
    "generated.jsonl": "Generated for fourteen countries, with a tenth and with a third of the values dirty; many names"
    " say nothing (`python -m tests.support.pii_columns` makes it)",
}
START: Final = "<!-- figures -->\n"
END: Final = "<!-- end of figures -->"


class Command(BaseCommand):
    """Prints the figures as Markdown; `--write` puts them into docs/pii-recognition.md."""

    help = "Measure the recognition of personal data on the fixed corpora."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--write`."""
        parser.add_argument("--write", action="store_true", help="Put the figures into docs/pii-recognition.md.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Needs the corpora of the source tree."""
        root = Path(settings.BASE_DIR)
        text = figures(root / "tests/corpora/pii")
        if options["write"]:
            page = root / "docs/pii-recognition.md"
            before, _, rest = page.read_text(encoding="utf-8").partition(START)
            page.write_text(before + START + text + END + rest.partition(END)[2], encoding="utf-8")
        self.stdout.write(text)


def figures(folder: Path) -> str:
    """One table a corpus, as Markdown."""
    parts = [f"Recogniser version {RECOGNISER_VERSION}.\n"]
    for name, about in CORPORA.items():
        rows = [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        table = evaluation.table(evaluation.scores(_outcome(row) for row in rows))
        parts.append(f"{about}: {len(rows)} columns, `tests/corpora/pii/{name}`.\n\n{table}\n")
    return "\n".join(parts)


def _outcome(row: dict[str, Any]) -> tuple[PiiKind | None, PiiKind | None]:
    verdict = classify_column(row["name"], row["type"], Counter(row["values"]), table=row["table"])
    truth = PiiKind(row["kind"]) if row["kind"] and row.get("tier", "high") == "high" else None
    return truth, verdict.kind if verdict.tier is Tier.HIGH else None
