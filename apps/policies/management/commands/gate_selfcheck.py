"""`manage.py gate_selfcheck`: the shipped corpus, the limiter, the audit trail and secrets, as they run here; stores
PASS or FAIL for this version of the code. Real execution stays closed until it is PASS. Needs POSTGRES_ADMIN_DSN.
"""

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.audit.services import trail
from apps.core.tenant import entered
from apps.policies.services import codeversion, gatechecks, selfcheck
from apps.policies.services.rotation import OPERATOR
from apps.tenancy.models import GateCheck


class Command(BaseCommand):
    """Exit code 1 unless everything passed."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, store, tell."""
        if "admin" not in settings.DATABASES:
            raise CommandError("POSTGRES_ADMIN_DSN is needed: only the owner may store the outcome.")
        results = gatechecks.run()
        row = selfcheck.record(GateCheck.SELFCHECK, results)
        with entered(None):
            trail.record(
                OPERATOR, "gate.selfcheck", object_type="gate", object_id=row.id,
                outcome="ok" if row.passed else "failed", sha256=row.code_version,
            )  # fmt: skip
        verdict = "PASS" if row.passed else "FAIL"
        if options["json"]:
            shown = {"verdict": verdict, "code_version": row.code_version, "checks": [asdict(each) for each in results]}
            self.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        else:
            for each in results:
                self.stdout.write(f"{'ok  ' if each.passed else 'FAIL'} {each.name}: {each.detail}")
            self.stdout.write(f"{verdict} for version {codeversion.current()[:12]}")
        if not row.passed:
            sys.exit(1)
