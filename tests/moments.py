"""The tests that know a clock, at several moments: python -m tests.moments "2026-12-26 05:00 +0800" …

What `make test-at` does for each moment anew is done once for all: the servers' data are made, a database is migrated,
and the files that hold such tests are found. For each moment the servers start again under faketime (a clock cannot be
moved under a running one), and every worker gets a fresh copy of the migrated database.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg2

from local.environment import ROOT
from local.paths import prepare_data_folder
from local.postgres import DATABASE, OWNER, Postgres
from local.servers import Servers, running_servers
from local.signals import run_in_front, stop_on_signals
from local.tests import test_environment

MARKED = "clock and not browser and not slow"
# Those of pytest-django: one for each of xdist's workers.
MIGRATED, OF_WORKER = f"test_{DATABASE}", f"test_{DATABASE}_gw%d"
MIGRATE = (
    "import django; django.setup(); from django.db import connection;"
    " connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)"
)
AT = "--at"
# pytest's exit statuses: all passed.
PASSED = 0


def main(moments: list[str]) -> int:
    """Run the tests at each moment (as faketime reads it); 1 when they fail at any, after trying all."""
    data = Path(tempfile.mkdtemp(prefix="desk-moments-"))
    stop_on_signals()
    failed = []
    try:
        prepare_data_folder(data)
        for moment in moments:
            print(f"At {moment}:", flush=True)
            command = ["faketime", moment, sys.executable, "-m", "tests.moments", AT, str(data)]
            if subprocess.run(command, cwd=ROOT, check=False).returncode != PASSED:
                failed.append(moment)
    finally:
        shutil.rmtree(data, ignore_errors=True)
    for moment in failed:
        print(f"The tests that know a clock FAILED at {moment}")
    return 1 if failed else 0


def at_this_moment(data: Path) -> int:
    """Run them at the moment that the clock shows, with servers whose data lie in `data`; pytest's exit status."""
    workers = len(os.sched_getaffinity(0))
    with running_servers({}, data, forgetful=True, quiet=True) as servers:
        env = dict(test_environment(servers, data))
        list_of_files = data / "files.txt"
        if not list_of_files.exists():
            subprocess.run([sys.executable, "-c", MIGRATE], env=env, cwd=ROOT, check=True)
            list_of_files.write_text("\n".join(files_with_marked_tests(env)))
        copy_database(servers, workers)
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--reuse-db", "-m", MARKED]
        return run_in_front([*command, *list_of_files.read_text().splitlines()], env, str(ROOT))


def files_with_marked_tests(env: dict[str, str]) -> list[str]:
    """The files that hold tests which know a clock; reading all tests takes longer than running these."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-m", MARKED]
    said = subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    files = sorted({line.partition("::")[0] for line in said.splitlines() if "::" in line})
    if not files:
        raise SystemExit("No test is marked as one that knows a clock.")
    return files


def copy_database(servers: Servers, workers: int):
    """Give every worker a fresh copy of the migrated database."""
    postgres = next(server for server in servers.running if isinstance(server, Postgres))
    at_server = psycopg2.connect(host=str(postgres.place.sockets), user=OWNER, dbname="postgres")
    at_server.autocommit = True
    with closing(at_server), at_server.cursor() as cursor:
        for number in range(workers):
            name = OF_WORKER % number
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{MIGRATED}"')


if __name__ == "__main__":
    if sys.argv[1:2] == [AT]:
        sys.exit(at_this_moment(Path(sys.argv[2])))
    if not sys.argv[1:] or not shutil.which("faketime"):
        sys.exit('Say when (python -m tests.moments "2026-12-26 05:00 +0800" …); it needs faketime.')
    sys.exit(main(sys.argv[1:]))
