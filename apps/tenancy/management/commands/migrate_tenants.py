"""`manage.py migrate_tenants`: public first, then the template, then every tenant in parallel."""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.tenancy.services.migrations import runner


class Command(BaseCommand):
    """Migrates all schemas; exit code 1 when any failed."""

    help = __doc__
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--only", action="append", help="slug of a tenant; repeatable")
        parser.add_argument("--jobs", type=int, default=4)
        parser.add_argument("--plan", action="store_true", help="show what would be applied")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, report, and exit with 1 on any failure."""
        if options["plan"]:
            self.stdout.write(json.dumps(runner.pending(only=options["only"]), indent=2))
            return
        results = [runner.migrate_public(), *runner.migrate_tenants(only=options["only"], jobs=options["jobs"])]
        if options["json"]:
            self.stdout.write(json.dumps([dataclasses.asdict(result) for result in results], indent=2))
        else:
            for result in results:
                line = f"{result.state:8} {len(result.applied):3} applied {result.duration_ms:8.0f} ms  {result.schema}"
                self.stdout.write(f"{line}  {result.error}".rstrip())
        if any(result.state == "failed" for result in results):
            sys.exit(1)
