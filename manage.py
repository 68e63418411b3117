#!/usr/bin/env python
"""Django's command line; every command that touches the installation is recorded in the audit trail."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command under the profile of the environment."""
    profile = os.environ.get("ATOM_PROFILE", "embedded")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"atom_project.settings.{profile}")
    try:
        execute_from_command_line(sys.argv)
    except SystemExit as end:
        _record("failed" if end.code else "ok")
        raise
    except BaseException:
        _record("failed")
        raise
    _record("ok")


def _record(outcome: str) -> None:
    """After the command, which has set Django up (or has failed before it could)."""
    from django.apps import apps as registry  # noqa: PLC0415 - nothing of ATOM is imported before the command is chosen

    if registry.ready:
        from apps.audit.services import commands  # noqa: PLC0415 - needs Django set up

        commands.record(sys.argv, outcome)


if __name__ == "__main__":
    main()
