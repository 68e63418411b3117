"""The whole path, and the README's own lines, as a new user would run them."""

import io
import os
import re
import subprocess
from pathlib import Path

from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[3]


def test_the_whole_path_of_a_new_user_passes() -> None:
    out = io.StringIO()
    call_command("e2e_smoke", "--in-process", stdout=out)
    assert "passed: " in out.getvalue()


def test_the_readmes_lines_are_shell_and_call_only_routes_that_exist() -> None:
    text = (ROOT / "README.md").read_text()
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert block
    checked = subprocess.run(["bash", "-n"], input=block.group(1), text=True, capture_output=True, env=os.environ)
    assert checked.returncode == 0, checked.stderr
