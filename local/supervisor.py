"""Keeps the desk's processes running: starts them, starts them again when they end, stops them in order."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.environment import ROOT, manage_command
from local.postgres import Postgres
from local.processes import finish, spawn
from local.redis import Redis
from local.report import say
from local.signals import not_halfway

LONGEST_PAUSE = 30.0
# One that lived this long was not broken from the start: it comes back at once.
HEALTHY_AFTER = 20.0


@dataclass
class Service:
    """One process of the desk; `keep` lists open files that it takes over."""

    name: str
    command: list[str]
    keep: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_ends: int = 0
    next_start: float = 0.0


def desk_services(listener: int) -> list[Service]:
    """Return the processes of a desk; the web server takes the listening socket with number `listener`."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config"]
    worker = [*celery, "worker", "--without-gossip", "--without-mingle"]
    return [
        Service(
            "web",
            [*python, "gunicorn", "-c", "python:config.gunicorn", "-b", f"fd://{listener}", "config.wsgi"],
            (listener,),
        ),
        Service("sweeper", [*worker, "-Q", "sweep", "-c", "1", "-n", "sweeper@%h"]),
        Service("worker", [*worker, "-Q", "desk", "-c", "2", "-n", "worker@%h"]),
        Service("beat", [*celery, "beat"]),
        Service("guard", manage_command("guard")),
    ]


class Supervisor:
    """Starts and watches services and servers; `on_change` gets the numbers of the running services."""

    def __init__(
        self,
        services: Sequence[Service],
        servers: Sequence[Postgres | Redis],
        *,
        env: dict[str, str],
        logs: Path,
        on_change: Callable[[list[int]], None],
    ):
        self.services, self.servers = services, servers
        self.env, self.logs, self.on_change = env, logs, on_change
        # When its services were started (time.monotonic()).
        self.began = time.monotonic()

    def start(self) -> None:
        """Start every service."""
        self.began = time.monotonic()
        for service in self.services:
            self.start_one(service)
        self.tell()

    def start_one(self, service: Service) -> None:
        """Start one service and remember when."""
        service.started = time.monotonic()
        log = self.logs / f"{service.name}.log"
        with not_halfway():
            service.process = spawn(service.command, env=self.env, cwd=ROOT, log=log, keep=service.keep)

    def restart(self, services: Sequence[Service]) -> None:
        """End these services and start them again at once, whatever became of them before."""
        finish([service.process for service in services if service.process], 15)
        for service in services:
            service.quick_ends = 0
            self.start_one(service)
        self.tell()

    def tell(self) -> None:
        """Pass on the numbers of the running services."""
        self.on_change([service.process.pid for service in self.services if service.process])

    def look(self) -> None:
        """Start again what has ended; raises CannotStart when a server will not."""
        for server in self.servers:
            if server.process is not None and server.process.poll() is not None:
                say(f"{server.name} ended unexpectedly and is started again, see {server.log}")
                server.start()
        for service in self.services:
            if service.process is not None and service.process.poll() is not None:
                self.note_end(service)
            if service.process is None and time.monotonic() >= service.next_start:
                self.start_one(service)
                self.tell()

    def note_end(self, service: Service) -> None:
        """Decide when a service starts again: at once, or after a pause that doubles up to 30 s."""
        lived = time.monotonic() - service.started
        service.quick_ends = 0 if lived >= HEALTHY_AFTER else service.quick_ends + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (service.quick_ends - 1)) if service.quick_ends else 0.0
        status = service.process.returncode if service.process else None
        again = f"in {pause:.0f} s" if pause else "at once"
        say(f"{service.name} ended (status {status}) and starts again {again}, see {self.logs / service.name}.log")
        service.process, service.next_start = None, time.monotonic() + pause

    def stop(self) -> None:
        """Ask every service to end and wait 15 s at most; the servers are stopped by whoever started them."""
        finish([service.process for service in self.services if service.process], 15)
