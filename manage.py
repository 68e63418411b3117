#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command under the profile of the environment."""
    profile = os.environ.get("ATOM_PROFILE", "embedded")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"atom_project.settings.{profile}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
