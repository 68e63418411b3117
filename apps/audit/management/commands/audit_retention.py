"""`manage.py audit_retention`: the chains kept of former tenants; holds, and dropping what is past its days.

Needs POSTGRES_ADMIN_DSN for everything but the list.
"""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from apps.audit.models import RetainedChain
from apps.audit.services import retention


class Command(BaseCommand):
    """Lists the retained chains, after doing what was asked."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--drop-expired", action="store_true", help="drop entries whose days are over, unless held")
        parser.add_argument("--hold", type=UUID, metavar="TENANT", help="keep this chain until the hold is lifted")
        parser.add_argument("--lift", type=UUID, metavar="TENANT", help="lift the hold")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do and list."""
        if options["hold"]:
            retention.hold(options["hold"], legal_hold=True)
        if options["lift"]:
            retention.hold(options["lift"], legal_hold=False)
        if options["drop_expired"]:
            for tenant_id in retention.drop_expired():
                self.stdout.write(f"{tenant_id}: entries dropped, signed head kept")
        for chain in RetainedChain.objects.order_by("keep_until"):
            self.stdout.write(_line(chain))


def _line(chain: RetainedChain) -> str:
    if chain.dropped_at:
        state = f"dropped {chain.dropped_at:%Y-%m-%d}"
    else:
        state = "on hold" if chain.legal_hold else f"kept until {chain.keep_until:%Y-%m-%d}"
    return f"{chain.tenant_id}: {chain.entries} entries, {state}"
