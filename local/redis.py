"""The embedded Valkey (or Redis): broker and cache on a unix socket. What it holds may be lost."""

import contextlib
import os
import shutil
import socket
import subprocess
import urllib.parse
from pathlib import Path

from local import CannotStart
from local.paths import remove_short_socket_folder, short_socket_folder
from local.postgres import why
from local.processes import finish, spawn, tail, wait_until
from local.signals import not_halfway

SOCKET = "redis.sock"


class Redis:
    """One server below `data`; `forgetful` keeps nothing on disk (tests)."""

    name = "Redis"

    def __init__(self, data: Path, program: Path, *, forgetful: bool = False):
        self.folder = data / "redis"
        self.program = program
        self.forgetful = forgetful
        self.log = data / "logs" / "redis.log"
        self.socket = short_socket_folder(self.folder, SOCKET, None) / SOCKET
        self.process: subprocess.Popen[bytes] | None = None

    def url(self) -> str:
        """Return the address for redis-py, the path percent-encoded."""
        return f"unix://{urllib.parse.quote(str(self.socket))}?db=0"

    def start(self) -> None:
        """Start the server, after ending one that an earlier start left; raises CannotStart.

        A log file of its own that it cannot read is thrown away: nothing in Redis is the truth.
        """
        self.end_leftover()
        if self.try_start():
            return
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        if not self.try_start():
            raise CannotStart(f"Redis does not start. {why(tail(self.log))} See {self.log}")

    def end_leftover(self) -> None:
        """Ask a server that still listens on our socket to end."""
        if self.ask(b"PING") is None:
            self.socket.unlink(missing_ok=True)
            return
        self.ask(b"SHUTDOWN")
        wait_until(lambda: self.ask(b"PING") is None, 10)
        self.socket.unlink(missing_ok=True)

    def ask(self, command: bytes) -> bytes | None:
        """Send one command; return the answer, None when nobody listens."""
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
            client.settimeout(5)
            try:
                client.connect(os.fsencode(self.socket))
                client.sendall(command + b"\r\n")
                return client.recv(64)
            except OSError:
                return None

    def try_start(self) -> bool:
        """Start once; return whether it answers. It may answer "LOADING" while it reads its file."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "maxmemory-policy": "noeviction",
            "save": "",
            "appendonly": "no" if self.forgetful else "yes",
            "daemonize": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with not_halfway():
            self.process = spawn([self.program, *arguments], log=self.log, cwd=self.folder)
        process = self.process
        wait_until(lambda: (self.ask(b"PING") or b"").startswith(b"+PONG") or process.poll() is not None, 60)
        return process.poll() is None

    def stop(self) -> None:
        """Stop within 10 s."""
        if self.process is not None:
            finish([self.process], 10)
            self.socket.unlink(missing_ok=True)
            remove_short_socket_folder(self.socket.parent, self.folder)
