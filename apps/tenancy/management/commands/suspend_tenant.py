"""`manage.py suspend_tenant SLUG --reason TEXT`, or `--resume`: close a workspace to everybody, or open it again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.tenancy.services import lifecycle
from apps.tenancy.services.purges import asking


class Command(BaseCommand):
    """The reason is shown to the members."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("slug")
        parser.add_argument("--reason", default="")
        parser.add_argument("--resume", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change the state, on record."""
        actor = Actor.system(None, "operator")
        try:
            tenant = asking.of_slug(options["slug"])
            if options["resume"]:
                lifecycle.resume(tenant.id, actor=actor)
            else:
                lifecycle.suspend(tenant.id, actor=actor, reason=options["reason"])
        except AtomError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{tenant.slug}: {'active' if options['resume'] else 'suspended'}")
