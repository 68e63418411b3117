"""`manage.py cutover_check --tenant SLUG`: the smoke on a live connector of a tenant that is not production; real
execution for production tenants waits for it. Needs ALLOW_REAL_QUERY_EXECUTION=true and a passed gate_selfcheck.
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.components import Mode
from apps.core.errors import AtomError
from apps.core.tenant import entered
from apps.datasources.services import cutover
from apps.policies.services import selfcheck
from apps.tenancy.models import Tenant
from apps.tenancy.selectors import tenants


class Command(BaseCommand):
    """Exit code 1 unless a live connector was found and everything passed."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--tenant", required=True, help="slug of a tenant that is not production")
        parser.add_argument(
            "--mark-non-production", action="store_true", help="say first that this tenant is not production"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at the preconditions, run the smoke, tell."""
        if "admin" not in settings.DATABASES:
            raise CommandError("POSTGRES_ADMIN_DSN is needed: only the owner may store the outcome.")
        try:
            ref = tenants.by_slug(options["tenant"])
        except AtomError as error:
            raise CommandError(error.message) from error
        if options["mark_non_production"]:
            Tenant.objects.using("admin").filter(id=ref.id).update(is_production=False)
            with entered(ref):
                trail.record(Actor.system(ref, "cutover"), "tenant.marked_non_production", object_type="tenant")
            selfcheck.forget()
        if Tenant.objects.using("admin").get(id=ref.id).is_production:
            raise CommandError(
                f"“{ref.slug}” is a production tenant. Choose another one, or say so with --mark-non-production."
            )
        state = selfcheck.health()
        if state.mode is not Mode.LIVE:
            raise CommandError(f"{state.detail}. {state.remedy}")
        self._tell(cutover.run(ref))

    def _tell(self, rows: list[Any]) -> None:
        if not rows:
            raise CommandError(f"This tenant has no live connector. {cutover.NEEDS}")
        for row in rows:
            for step in row.details:
                mark = "ok  " if step["passed"] else "FAIL"
                self.stdout.write(f"{mark} {row.connector} {step['name']}: {step['detail']}")
            self.stdout.write(f"{'PASS' if row.passed else 'FAIL'} for {row.connector}")
        if not all(row.passed for row in rows):
            sys.exit(1)
