"""`manage.py purge_tenant SLUG --yes`: remove a tenant for good, here and now, and print the signed receipt."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.tenancy.models import Purge
from apps.tenancy.services.purges import asking, running


class Command(BaseCommand):
    """Without --yes it only shows what would go. A killed run is gone on with by the workers or by another run."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("slug")
        parser.add_argument("--yes", action="store_true", help="do it")
        parser.add_argument("--force", action="store_true", help="end what is still at work")

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview, or purge and print the receipt."""
        try:
            self._run(options)
        except AtomError as error:
            raise CommandError(error.message) from None

    def _run(self, options: dict[str, Any]) -> None:
        tenant, actor = asking.of_slug(options["slug"]), Actor.system(None, "operator")
        if not options["yes"]:
            self.stdout.write(json.dumps(asking.as_answer(asking.preview(actor, tenant)), indent=2))
            return
        purge = Purge.objects.filter(tenant_id=tenant.id).exclude(state="done").first()
        if purge is None:
            purge = asking.ask(actor, tenant, confirm=True, force=options["force"])
        running.run(str(purge.id))
        self.stdout.write(json.dumps(Purge.objects.get(id=purge.id).receipt, indent=2))
