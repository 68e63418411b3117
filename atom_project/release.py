"""What must be done before a new version serves: database, schemas, static files, demo data. One Django start."""

import os
import sys

import django
from django.conf import settings
from django.core.management import CommandError, call_command


def main() -> int:
    """Run the steps in order; stops at the first that fails, with its one line."""
    profile = os.environ.get("ATOM_PROFILE", "embedded")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"atom_project.settings.{profile}")
    django.setup()
    try:
        call_command("migrate_tenants")
        if settings.STATIC_ROOT:
            call_command("collectstatic", interactive=False, verbosity=0)
        if profile == "embedded":
            call_command("seed_demo")
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
