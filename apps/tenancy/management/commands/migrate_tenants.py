"""`manage.py migrate_tenants`: public first, then the template, then every tenant in parallel."""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import AtomError
from apps.tenancy.services import installation
from apps.tenancy.services.migrations import moving, runner, status
from apps.tenancy.services.migrations.status import SchemaResult

_BAD = frozenset({"failed", "behind", "ahead", "drifted", "missing"})


class Command(BaseCommand):
    """Migrates all schemas; exit code 1 when any failed (or, with --check or --plan, when any differs)."""

    help = __doc__
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--plan", action="store_true", help="show what would be applied, change nothing")
        what.add_argument(
            "--check", action="store_true", help="show how every schema stands: migrations, drift, rights"
        )
        what.add_argument(
            "--to", nargs=2, metavar=("APP", "MIGRATION"), help="go there, backwards too; “zero” undoes all"
        )
        parser.add_argument("--only", action="append", help="slug of a tenant; repeatable")
        parser.add_argument("--jobs", type=int, default=4, help="how many schemas at once")
        parser.add_argument("--no-wait", action="store_true", help="stop with a word when another run is under way")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, report, and exit with 1 on any failure."""
        try:
            if options["plan"]:
                self._show_plan(runner.pending(only=options["only"]), as_json=options["json"])
                return
            results = self._run(options)
        except AtomError as error:
            raise CommandError(error.message) from None
        self._show(results, as_json=options["json"])
        if options["check"] and not options["json"]:
            self._show_exposed()
        if any(result.state in _BAD for result in results):
            sys.exit(1)

    def _run(self, options: dict[str, Any]) -> list[SchemaResult]:
        only, jobs, wait = options["only"], max(1, options["jobs"]), not options["no_wait"]
        if options["check"]:
            return status.check()
        if options["to"]:
            return moving.move_to(*options["to"], only=only, jobs=jobs, wait=wait)
        public = runner.migrate_public()
        if public.state == "failed":  # tenants rest on it
            return [public]
        return [public, *runner.migrate_tenants(only=only, jobs=jobs, wait=wait)]

    def _show_exposed(self) -> None:
        """What this server does not let us hide; for information, since a managed server keeps some of it open."""
        with runner.connect() as raw:
            for sentence in installation.exposed(raw.cursor()):
                self.stdout.write(f"exposed   {sentence}")

    def _show_plan(self, pending: dict[str, list[str]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(pending, indent=2))
            return
        for schema, missing in pending.items():
            self.stdout.write(f"{schema}: {', '.join(missing)}")
        if not pending:
            self.stdout.write("nothing to apply")

    def _show(self, results: list[SchemaResult], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([dataclasses.asdict(result) for result in results], indent=2))
            return
        for result in results:
            line = f"{result.state:8} {len(result.applied):3} applied {result.duration_ms:8.0f} ms  {result.schema}"
            self.stdout.write(f"{line}  {result.error}".rstrip())
