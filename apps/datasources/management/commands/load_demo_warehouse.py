"""Load the demo company into the sandbox warehouse of a tenant."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import NotFound
from apps.datasources.engine.demo.tables import Scale
from apps.datasources.services import demo
from apps.tenancy.selectors import tenants


class Command(BaseCommand):
    """manage.py load_demo_warehouse acme [--scale 0.1]"""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which tenant, and how big."""
        parser.add_argument("tenant", help="slug of the tenant")
        parser.add_argument("--scale", type=float, default=1.0, help="1.0 is 1.1 million events")
        parser.add_argument("--seed", type=int, default=None)

    def handle(self, *args: object, **options: object) -> None:
        """Generate, commit, say how much."""
        factor = float(str(options["scale"]))
        usual = Scale()
        scale = Scale(
            *(max(10, int(part * factor)) for part in (usual.users, usual.events, usual.orders, usual.subscriptions))
        )
        try:
            ref = tenants.by_slug(str(options["tenant"]))
        except NotFound as error:
            raise CommandError(error.message) from error
        seed = options["seed"]
        number = demo.load_demo(ref, scale=scale, seed=int(str(seed)) if seed is not None else None)
        self.stdout.write(f"Loaded the demo company into {ref.slug}: commit {number}.")
