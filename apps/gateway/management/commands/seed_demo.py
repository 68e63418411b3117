"""`manage.py seed_demo`: the demo tenants and people of the embedded profile; repeating it changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.gateway.services import demo
from atom_project.config import Profile, config


class Command(BaseCommand):
    """Seeds the demo; refuses in production."""

    help = __doc__
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and name the tenants."""
        if config.profile is Profile.PRODUCTION:
            raise CommandError("The demo is not for production.")
        for tenant in demo.seed(config.atom_demo_password.get_secret_value()):
            self.stdout.write(f"ready: {tenant.slug}")
