"""How long the desk's pages take at a size: python -m tests.bench.pages 100000 [open [folder]]

Starts servers and all processes of its own, fills a database, asks the real web server over loopback with one client,
and prints one JSON line: for each page p50 and p95 in ms, and how many times the minimal view it takes that is asked
by turns with it (one indexed query as JSON, through the same server). A folder that is named is kept, and used again
where it holds as many invented complaints already. `open` of them are not archived; 0 leaves it to their lives.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg2

from config.healthcheck import ask_web
from local.environment import ROOT, full_environment, manage_command
from local.paths import prepare_data_folder
from local.postgres import OWNER, Postgres
from local.processes import finish, spawn, wait_until
from local.servers import Servers, running_servers
from local.signals import stop_on_signals
from local.steps import run_step
from local.supervisor import desk_services

INVENTED = (
    "SELECT count(*), count(*) FILTER (WHERE status <> 'archived') FROM complaints_complaint WHERE source ? 'file'"
)


def main(arguments: list[str]) -> int:
    """Measure at the size in `arguments` and return the exit status."""
    count, still_open = (int(argument) for argument in [*arguments, "0"][:2])
    kept = Path(arguments[2]).resolve() if len(arguments) > 2 else None
    with running_desk(count, still_open, kept) as (port, said):
        # Settings are loaded by now.
        from tests.bench import asking

        print(json.dumps(said | {"pages": asking.ask_all(port)}))
    return 0


@contextlib.contextmanager
def running_desk(count: int, still_open: int, kept: Path | None) -> Iterator[tuple[int, dict]]:
    """A whole desk with `count` complaints: its port, and what it is. In this process its settings are loaded too."""
    data = kept or Path(tempfile.mkdtemp(prefix="desk-bench-"))
    stop_on_signals()
    try:
        prepare_data_folder(data)
        # Servers of its own, whatever the environment names: it fills what it finds.
        with running_servers({}, data, quiet=True) as servers, socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
            port = listener.getsockname()[1]
            env = environment(servers, data, port)
            run_step(env, "prepare_database", "--verbosity", "0")
            run_step(env, "collectstatic", "--noinput", "--verbosity", "0")
            postgres = next(server for server in servers.running if isinstance(server, Postgres))
            said = fill(env | {"DATABASE_URL": postgres.url(OWNER)}, count, still_open)
            os.environ.update(env)
            django.setup()
            with running_services(env, data, listener, port):
                yield port, {**said, "cores": os.cpu_count()}
    finally:
        if kept is None:
            shutil.rmtree(data, ignore_errors=True)


def environment(servers: Servers, data: Path, port: int) -> dict[str, str]:
    """What the desk's processes get: production's settings, with the minimal view added."""
    return servers.env | {
        "DATA_DIR": str(data),
        "STATIC_ROOT": str(data / "static"),
        "SECRET_KEY": "only-for-measuring-" + "0" * 40,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
    }


@contextlib.contextmanager
def running_services(env: dict[str, str], data: Path, listener: socket.socket, port: int) -> Iterator[None]:
    """Web server, sweeper, worker, beat and guard, as in production; ready when the web server says so."""
    processes = []
    try:
        for service in desk_services(listener.fileno()):
            log = data / f"{service.name}.log"
            for_it = full_environment(env, owner=False)
            processes.append(spawn(service.command, env=for_it, cwd=ROOT, log=log, keep=service.keep))
        if not wait_until(lambda: ask_web(port, env["BASE_URL"])[0] == 200, 120):
            raise RuntimeError(f"The desk is not ready, see the logs in {data}")
        yield
    finally:
        finish(processes, 15)


def fill(env: dict[str, str], count: int, still_open: int) -> dict:
    """Fill the database with `count` complaints, unless it holds as many; returns how many, open ones and seconds."""
    with contextlib.closing(psycopg2.connect(env["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(INVENTED)
        held, _open = cursor.fetchone()
        if held not in (0, count):
            raise SystemExit(f"The folder holds {held:,} complaints, not {count:,}: name another one.")
        began = time.monotonic()
        if not held:
            # What it says is progress, not the result.
            command = manage_command("fill", "--complaints", str(count), "--open", str(still_open))
            subprocess.run(command, env=full_environment(env, owner=False), cwd=ROOT, stdout=sys.stderr, check=True)
        seconds = None if held else round(time.monotonic() - began, 1)
        # What autovacuum would do within minutes: the figures are those of a desk that has been running.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(INVENTED)
        held, now_open = cursor.fetchone()
        return {"complaints": held, "open": now_open, "fill_s": seconds}


if __name__ == "__main__":
    if not (len(sys.argv) in (2, 3, 4) and all(argument.isdigit() for argument in sys.argv[1:3]) and int(sys.argv[1])):
        sys.exit("How many complaints? For example: make bench-pages N=100000 OPEN=100000")
    sys.exit(main(sys.argv[1:]))
