"""`manage.py provision_tenant SLUG NAME [--timezone Z]`: make a tenant, or finish one that was left half-made."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import AtomError
from apps.tenancy.services import provisioning


class Command(BaseCommand):
    """All or nothing; needs POSTGRES_ADMIN_DSN."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("slug")
        parser.add_argument("name")
        parser.add_argument("--timezone", default="UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        """Provision and print the id."""
        try:
            tenant = provisioning.provision(options["slug"], options["name"], timezone=options["timezone"])
        except AtomError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{tenant.slug} {tenant.id}")
