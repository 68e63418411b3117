"""`manage.py verify_audit`: proves each chain whole, or names the first broken row."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.audit.services import verify
from apps.core import tenant as tenant_context
from apps.tenancy.selectors import tenants


class Command(BaseCommand):
    """Verifies the platform's chain and every tenant's; exit code 1 when one is broken."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--only", help="slug of a tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a chain."""
        broken = False
        for tenant in [None, *tenants.list_active()]:
            slug = tenant.slug if tenant else "platform"
            if options["only"] not in (None, slug):
                continue
            with tenant_context.entered(tenant):
                result = verify.verify_chain()
            broken = broken or not result.whole
            verdict = "whole" if result.whole else f"BROKEN at {result.first_broken}"
            self.stdout.write(f"{slug}: {result.entries} entries, {verdict}")
        if broken:
            sys.exit(1)
