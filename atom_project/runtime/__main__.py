"""`python -m atom_project.runtime`: the servers, the environment and the processes from the command line."""

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from typing import NoReturn

from atom_project.runtime import embedded, environment, node, places, processes
from atom_project.runtime.errors import StartError
from atom_project.runtime.server import Status, desk

RELEASE = "release"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code. A StartError becomes one line."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(options))
    except StartError as error:
        print(error, file=sys.stderr)
        return 1


def _env(_: argparse.Namespace) -> int:
    """Print the environment as shell assignments."""
    for name, value in sorted(environment.complete(dict(os.environ)).items()):
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _up(_: argparse.Namespace) -> int:
    """Start the servers and leave them running."""
    state = places.state_dir()
    servers = embedded.ensure_servers(state)
    embedded.pin(state)
    assert servers.postgres_dsn
    return _status(_)


def _down(_: argparse.Namespace) -> int:
    """Stop the servers that nobody uses."""
    state = places.state_dir()
    for name in embedded.unpin(state):
        print(f"{name} stays up: somebody uses it, and it stops with its last user")
    return 0


def _status(_: argparse.Namespace) -> int:
    """Say what runs."""
    state = places.state_dir()
    print(f"state folder {state}")
    for name, found in embedded.status(state).items():
        print(f"{name}: {found.state}, port {found.port}, pid {found.pid}" if found else f"{name}: not running")
    return 0


def _node_path(_: argparse.Namespace) -> int:
    """Print the folder of the Node.js to build with."""
    print(node.folder())
    return 0


def _forget(options: argparse.Namespace) -> int:
    """Remove all data of this installation."""
    state = places.state_dir()
    if not options.yes:
        raise StartError(f"This removes everything in {state}. If you mean it: make clean-state CONFIRM=yes")
    if stay := [*embedded.unpin(state), *(f"{part} of the tests" for part in embedded.unpin(state / places.SUITES))]:
        raise StartError(f"{' and '.join(stay)} still in use: stop ATOM first.")
    suites = (state / places.SUITES).resolve()  # perhaps in memory
    link = places.CHECKOUT / ".atom"
    if link.is_symlink() and link.resolve() == state.resolve():
        link.unlink()
    shutil.rmtree(state)
    if suites.exists():
        shutil.rmtree(suites)
    return 0


def _guard(options: argparse.Namespace) -> int:
    """Be the guardian of one server."""
    from atom_project.runtime.guardian import Guardian  # noqa: PLC0415 (start-up time of the other commands)

    state = places.state_dir()
    try:
        server = embedded.server(state, options.part)
    except StartError as error:
        desk(state, options.part).write(Status("failed", guardian=os.getpid(), message=str(error)))
        return 1
    return Guardian(server, state).run()


def _run(options: argparse.Namespace) -> int:
    """Run everything, or become one process."""
    if options.process is None:
        from atom_project.runtime.supervisor import Supervisor  # noqa: PLC0415 (start-up time of the other commands)

        return Supervisor().run()
    environment.load()
    embedded.bequeath()
    if options.process == RELEASE:
        return _become([sys.executable, "-m", "atom_project.release"])
    process = processes.named(options.process)
    os.environ.update({**process.environment, "ATOM_PROCESS": process.name})
    if not process.needs_admin:
        os.environ.pop("POSTGRES_ADMIN_DSN", None)
    os.chdir(places.CHECKOUT)
    return _become(process.command)


def _become(command: Sequence[str]) -> NoReturn:
    os.execv(command[0], [*command])  # noqa: S606


def _web(_: argparse.Namespace) -> int:
    """Be the web process."""
    from atom_project.runtime import web  # noqa: PLC0415 (start-up time of the other commands)

    return web.serve()


SIMPLE = {"env": _env, "up": _up, "down": _down, "status": _status, "web": _web, "node-path": _node_path}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m atom_project.runtime", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, do in SIMPLE.items():
        commands.add_parser(name, help=do.__doc__).set_defaults(do=do)
    run = commands.add_parser("run", help=_run.__doc__)
    run.add_argument("process", nargs="?", choices=[*processes.NAMES, RELEASE])
    run.set_defaults(do=_run)
    forget = commands.add_parser("forget", help=_forget.__doc__)
    forget.add_argument("--yes", action="store_true")
    forget.set_defaults(do=_forget)
    guard = commands.add_parser("guard", help=_guard.__doc__)
    guard.add_argument("part", choices=embedded.ALL)
    guard.set_defaults(do=_guard)
    return parser


if __name__ == "__main__":
    sys.exit(main())
