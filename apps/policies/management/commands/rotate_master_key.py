"""`manage.py rotate_master_key`: wrap every tenant's data keys by ATOM_MASTER_KEY; safe to repeat and to interrupt.

The old key stands in ATOM_MASTER_KEY_PREVIOUS until this says that nothing is left under it.
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import AtomError
from apps.policies.services import rotation
from apps.tenancy.selectors import tenants


class Command(BaseCommand):
    """Exit code 1 while a data key is left that the current master key does not wrap."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--tenant", help="slug of one tenant")
        parser.add_argument("--status", action="store_true", help="say what is left and change nothing")
        parser.add_argument("--all", action="store_true", help="also wrap anew what the current key wrapped before")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a tenant."""
        chosen = [ref for ref in tenants.list_with_data() if options["tenant"] in (None, ref.slug)]
        if options["tenant"] and not chosen:
            raise CommandError(f"There is no tenant “{options['tenant']}”.")
        left = 0
        for ref in chosen:
            try:
                if not options["status"]:
                    found = rotation.rewrap(ref, every=options["all"])
                    self.stdout.write(f"{ref.slug}: {found.done} wrapped, {found.unreadable} unreadable")
                pending = rotation.pending(ref)
            except AtomError as error:
                raise CommandError(f"{ref.slug}: {error.message}") from error
            if options["status"] or pending:
                self.stdout.write(f"{ref.slug}: {pending} under another master key")
            left += pending
        self.stdout.write("Nothing is left under another key." if not left else f"{left} data keys are left.")
        if left:
            sys.exit(1)
