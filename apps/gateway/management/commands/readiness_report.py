"""`manage.py readiness_report [--format md|json] [--out FILE]`: what runs how, what is blocked, and how to end that."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from apps.gateway.engine import report_text
from apps.gateway.selectors import report


class Command(BaseCommand):
    """Writes the readiness report."""

    help = "Every part with its mode, policies, measured figures, the last audit entries, verification calls."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--format` and `--out`."""
        parser.add_argument("--format", choices=("md", "json"), default="md")
        parser.add_argument("--out", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect and write."""
        found = report.collect()
        if options["format"] == "json":
            text = orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n"
        else:
            text = report_text.markdown(found)
        if options["out"]:
            options["out"].write_text(text)
            self.stdout.write(f"written to {options['out']}")
        else:
            self.stdout.write(text)
