"""`manage.py rotate_data_keys`: a new data key for each tenant, and every sealed value under it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import AtomError
from apps.policies.services import rotation
from apps.tenancy.selectors import tenants


class Command(BaseCommand):
    """Finishes an unfinished rotation before it begins another; exit code 1 when a value cannot be opened."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--tenant", help="slug of one tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a tenant."""
        chosen = [ref for ref in tenants.list_with_data() if options["tenant"] in (None, ref.slug)]
        if options["tenant"] and not chosen:
            raise CommandError(f"There is no tenant “{options['tenant']}”.")
        for ref in chosen:
            try:
                found = rotation.rotate_data_key(ref)
            except AtomError as error:
                raise CommandError(f"{ref.slug}: {error.message}") from error
            self.stdout.write(f"{ref.slug}: key {found.version}, {found.resealed} values sealed again")
