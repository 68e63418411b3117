"""A process of its own that kills itself (SIGKILL) at a chosen point: what a kill leaves behind is then looked at."""

import os
import signal
import subprocess
import sys

_HEAD = """
import os, signal, sys
import django
django.setup()
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run(code: str, *arguments: str) -> int:
    """Run `code` after Django's set-up, with `die()` at hand; answers the exit status (-9 when it killed itself)."""
    done = subprocess.run(
        [sys.executable, "-c", _HEAD + code, *arguments],
        env=dict(os.environ), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def each(points: list[str], code: str) -> dict[str, int]:
    """As `run`, once per point in a fork of one prepared process; `code` sees `point`. Status by point."""
    forks = f"""
for number, point in enumerate({points!r}):
    child = os.fork()
    if child == 0:
        try:
            exec(compile({code!r}, "child", "exec"))
        except BaseException:
            import traceback; traceback.print_exc()
            os._exit(70)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), point, flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", _HEAD + forks], env=dict(os.environ), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ", 1) for line in done.stdout.splitlines() if line and line.lstrip("-")[0].isdigit()]
    assert all(status in ("0", "-9") for status, _ in lines), done.stderr
    return {point: int(status) for status, point in lines}
