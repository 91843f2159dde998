"""How long the desk's pages take at a size: python -m tests.bench.pages 100000 [folder]

Starts servers of its own, fills a database, asks the real web server over loopback with one client, and prints
one JSON line: for each page p50 and p95 in ms, the queries, the kilobytes and the most it may take. A folder that
is named is kept, and used again where it holds as many complaints already.
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
from pathlib import Path

import django
import psycopg2

from config.embedded.environment import ROOT, full_environment, manage_command
from config.embedded.place import prepare_data_folder
from config.embedded.postgres import OWNER, Postgres
from config.embedded.processes import finish, spawn, wait_until
from config.embedded.servers import running_servers
from config.embedded.signals import stop_on_signals
from config.embedded.supervisor import desk_services
from config.embedded.up import run_step
from config.healthcheck import ask_web


def main(arguments: list[str]) -> int:
    """Measure at the size in `arguments` and return the exit status."""
    count = int(arguments[0])
    kept = Path(arguments[1]).resolve() if len(arguments) > 1 else None
    data = kept or Path(tempfile.mkdtemp(prefix="desk-bench-"))
    stop_on_signals()
    try:
        prepare_data_folder(data)
        # Servers of its own, whatever the environment names: it fills what it finds.
        with running_servers({}, data, quiet=True) as servers:
            print(json.dumps(measured(servers, data, count)))
    finally:
        if kept is None:
            shutil.rmtree(data, ignore_errors=True)
    return 0


def measured(servers, data: Path, count: int) -> dict:
    """Fill the database of the running servers, ask the web server, and return the figures."""
    postgres = next(server for server in servers.running if isinstance(server, Postgres))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        port = listener.getsockname()[1]
        env = servers.env | {
            "DATA_DIR": str(data),
            "STATIC_ROOT": str(data / "static"),
            "SECRET_KEY": "only-for-measuring-" + "0" * 40,
            "BASE_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DEBUG": "false",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        run_step(env, "prepare_database", "--verbosity", "0")
        run_step(env, "collectstatic", "--noinput", "--verbosity", "0")
        seconds = fill(env | {"DATABASE_URL": postgres.url(OWNER)}, count)
        # In this process too, for choosing what to ask and for counting queries.
        os.environ.update(env)
        django.setup()
        from tests.bench import asking

        web = desk_services(listener.fileno())[0]
        process = spawn(
            web.command, env=full_environment(env, owner=False), cwd=ROOT, log=data / "web.log", keep=web.keep
        )
        try:
            if not wait_until(lambda: process.poll() is not None or ask_web(port, env["BASE_URL"])[0] != 0, 60):
                raise RuntimeError(f"The web server does not answer, see {data / 'web.log'}")
            pages = asking.ask_all(port)
        finally:
            finish([process], 15)
    return {"complaints": count, "fill_s": seconds, "cores": os.cpu_count(), "pages": pages}


def fill(env: dict[str, str], count: int) -> float | None:
    """Fill the database with `count` complaints; return the seconds, None where it holds as many already."""
    with contextlib.closing(psycopg2.connect(env["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT count(*) FROM complaints_complaint")
        held = cursor.fetchone()[0]
        if held == count:
            return None
        if held:
            raise SystemExit(f"The folder holds {held:,} complaints, not {count:,}: name another one.")
        began = time.monotonic()
        # What it says is progress, not the result.
        command = manage_command("fill", "--complaints", str(count))
        subprocess.run(command, env=full_environment(env, owner=False), cwd=ROOT, stdout=sys.stderr, check=True)
        seconds = round(time.monotonic() - began, 1)
        # What autovacuum would do within minutes: the figures are those of a desk that has been running.
        cursor.execute("VACUUM ANALYZE")
        return seconds


if __name__ == "__main__":
    if not (len(sys.argv) in (2, 3) and sys.argv[1].isdigit() and int(sys.argv[1]) > 0):
        sys.exit("How many complaints? For example: make bench-pages N=100000")
    sys.exit(main(sys.argv[1:]))
