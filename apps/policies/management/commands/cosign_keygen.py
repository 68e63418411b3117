"""`manage.py cosign_keygen PREFIX`: a key pair as `cosign generate-key-pair` makes it: PREFIX.key and PREFIX.pub.

The password is COSIGN_PASSWORD, or asked for. Set COSIGN_KEY_PATH to PREFIX.key afterwards.
"""

import os
from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import BaseCommand, CommandError

from apps.policies.engine import cosign
from atom_project.config import config


class Command(BaseCommand):
    """Never overwrites a key."""

    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the argument."""
        parser.add_argument("prefix", type=Path, help="where to write, without the ending")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, write, say where."""
        private, public = (options["prefix"].with_suffix(ending) for ending in (".key", ".pub"))
        password = config.cosign_password.get_secret_value() or getpass("Password of the new key: ")
        if not password:
            raise CommandError("A key without a password is no secret: set COSIGN_PASSWORD.")
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise CommandError(f"{private} exists already.") from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(cosign.dump(key, password.encode()))
        public.write_text(cosign.public_pem(key))
        self.stdout.write(f"{private} and {public}")
