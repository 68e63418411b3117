"""`manage.py finish_tenants`: finish tenants that a kill left half-made, remove those it left half-removed."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.tenancy.services import provisioning


class Command(BaseCommand):
    """One line a tenant; exit code 1 when one could be neither finished nor removed."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep once; workers do the same every hour and when they start."""
        swept = provisioning.sweep()
        for each in swept:
            self.stdout.write(f"{each.outcome:8} {each.slug}  {each.error}".rstrip())
        if any(each.outcome == "failed" for each in swept):
            sys.exit(1)
