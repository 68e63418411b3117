"""The README's path by API, run line by line in a shell against a served installation."""

import os
import re
import subprocess
from pathlib import Path

from apps.core import tenant as tenant_context
from apps.core.tenant import TenantRef
from apps.datasources.services import demo
from tests.support import cast

ROOT = Path(__file__).resolve().parents[2]
TAKES_AT_MOST_S = 150


def test_the_readmes_lines_lead_from_login_to_the_audit_trail(server: str, acme: TenantRef) -> None:
    if not demo.has_demo(acme):
        with tenant_context.entered(acme):
            demo.load_demo(acme)
    block = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block
    lines = "set -eu\n" + block.group(1).replace("BASE=http://127.0.0.1:8000", f"BASE={server.rstrip('/')}")
    done = subprocess.run(
        ["bash"],
        input=lines.replace("Shop warehouse", f"README {os.getpid()}"),
        env={**os.environ, "ATOM_DEMO_PASSWORD": cast.PASSWORD},
        capture_output=True,
        text=True,
        timeout=TAKES_AT_MOST_S,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert '"whole":true' in done.stdout
