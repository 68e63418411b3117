"""`manage.py verify_audit`: proves each chain whole and in accord with its anchors, or names the first broken row."""

import sys
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from apps.audit.contracts import Verification
from apps.audit.models import RetainedChain
from apps.audit.services import retained, verify
from apps.core import tenant as tenant_context
from apps.tenancy.selectors import tenants


class Command(BaseCommand):
    """Verifies the chains of the platform, of tenants and of former tenants; exit code 1 when one is broken."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--only", help="slug of a tenant, id of a former one, or “platform”")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a chain."""
        self.as_json = options["json"]
        whole = [self._live(options["only"]), self._retained(options["only"])]
        if not all(whole):
            sys.exit(1)

    def _live(self, only: str | None) -> bool:
        whole = True
        for tenant in [None, *tenants.list_active()]:
            slug = tenant.slug if tenant else "platform"
            if only in (None, slug):
                with tenant_context.entered(tenant):
                    whole = self._say(slug, verify.verify_chain()) and whole
        return whole

    def _retained(self, only: str | None) -> bool:
        whole = True
        for chain in RetainedChain.objects.order_by("moved_at"):
            if only in (None, str(chain.tenant_id)):
                whole = self._say(str(chain.tenant_id), retained.verify_retained(chain.tenant_id)) and whole
        return whole

    def _say(self, name: str, result: Verification) -> bool:
        if self.as_json:
            self.stdout.write(orjson.dumps({"chain": name, "whole": result.whole, **asdict(result)}).decode())
            return result.whole
        verdict = "whole" if result.whole else result.finding.words.upper()
        if result.first_broken is not None:
            verdict += f", BROKEN at {result.first_broken}"
        vouched = f", anchored to {result.anchored_seq}" if result.anchored_seq else ""
        self.stdout.write(f"{name}: {result.entries} entries, {verdict}{vouched}")
        return result.whole
