"""`manage.py e2e_smoke --in-process | --base-url URL`: the whole path of a new user on a throw-away tenant."""

from contextlib import ExitStack, nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.gateway.connectors.doors import HttpDoor, InProcessDoor
from apps.gateway.services import inner_worker, smoke
from apps.tenancy.services.migrations import runner


class Command(BaseCommand):
    """Walks from login to purge with a time per step; exit code 1 at the first step that fails."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--in-process", action="store_true", help="no server needed: handler and worker in here")
        how.add_argument("--base-url", help="a served installation whose databases this process can reach")

    def handle(self, *args: Any, **options: Any) -> None:
        """Provision, walk to the purge, sum up."""
        inside = bool(options["in_process"])
        door = InProcessDoor() if inside else HttpDoor(options["base_url"])
        walk = smoke.Smoke(door, self.stdout.write)
        try:
            if inside:
                self._migrate(walk)  # before the worker: its tick reads tables
            with inner_worker.running() if inside else nullcontext():
                self._walk(walk)
        except smoke.SmokeFailed as error:
            raise CommandError(f"smoke failed: {error.message}") from None
        self.stdout.write(f"passed: {len(walk.steps)} steps in {sum(s for _, s in walk.steps):.1f} s")

    def _migrate(self, walk: smoke.Smoke) -> None:
        """Nothing else need have run: a database that is new gets its tables first."""
        with walk.step("migrate"):
            results = [runner.migrate_public(), *runner.migrate_tenants()]
            broken = [f"{each.schema}: {each.error}" for each in results if each.state == "failed"]
            smoke.check(not broken, "; ".join(broken))

    def _walk(self, walk: smoke.Smoke) -> None:
        with ExitStack() as stack:
            with walk.step("provision a tenant"):
                _, email, password = stack.enter_context(smoke.throw_away_tenant())
            smoke.walk(walk, email, password)
