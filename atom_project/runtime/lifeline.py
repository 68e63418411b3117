"""Processes that die with their parent, even when it is killed hard, and the stopping of whole process groups."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable

import psutil

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int = signal.SIGKILL) -> None:
    """Ask the kernel to signal this process when its parent ends. Call it in the child, after any change of user."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def child_of(parent: int, signal_number: int) -> Callable[[], None]:
    """A `preexec_fn` for subprocess: die with `parent`, also when it died before the kernel was asked."""

    def prepare() -> None:
        die_with_parent(signal_number)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def stop_group(pid: int, signal_number: int, *, patience: float) -> None:
    """Signal a group leader, wait, then kill what is left of its group."""
    signal_quietly(pid, signal_number)
    wait_gone(pid, patience)
    kill_group(pid)


def kill_group(pid: int) -> None:
    """Kill every process of a group; nothing happens when none is left."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def signal_quietly(pid: int, signal_number: int) -> None:
    """Send a signal to a process that may be gone."""
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return


def wait_gone(pid: int, patience: float) -> bool:
    """Wait until a process is gone or is a zombie; whether it is."""
    end = time.monotonic() + patience
    while is_running(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_running(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
