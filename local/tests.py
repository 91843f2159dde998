"""python3 run.py test …: the suite against servers of its own that keep nothing.

With --keep first, PostgreSQL stays for the next call (local.kept); --end-kept ends it.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from local import CannotStart
from local.environment import ROOT, full_environment
from local.kept import end_kept, kept, locked
from local.paths import prepare_data_folder
from local.postgres import OWNER, Postgres
from local.processes import LINUX
from local.servers import Servers, running_servers
from local.signals import run_in_front, stop_on_signals
from local.template_database import at_database, make_template, renew_database

KEEP, END_KEPT = "--keep", "--end-kept"
# Whatever the tests are: the slowest of them are named.
ALWAYS = ["--durations=10", "--durations-min=1"]
# One file is faster without workers, and without a plugin that loads all of Hypothesis to sum up: a third of the time.
FOR_ONE_FILE = ["-n", "0", "-p", "no:hypothesispytest"]


def run_tests(arguments: list[str]) -> int:
    """Run pytest with `arguments` after ours (so that -n 0 wins); return its exit status. Raises CannotStart."""
    began = time.monotonic()
    if arguments == [END_KEPT]:
        return end_kept()
    keep = KEEP in arguments
    stop_on_signals()
    with kept_servers() if keep else own_servers() as env:
        ours = [*ALWAYS, *(FOR_ONE_FILE if keep else ["-n", str(workers())])]
        command = [sys.executable, "-m", "pytest", *ours, *(each for each in arguments if each != KEEP)]
        status = run_in_front(command, env, str(ROOT))
    if keep:
        print(
            f"Took {time.monotonic() - began:.1f} s; python3 run.py test {END_KEPT} ends the kept server", flush=True
        )
    return status


def workers() -> int:
    """Return how many processes run tests: one more than there are cores, because tests also wait for processes."""
    cores = len(os.sched_getaffinity(0)) if LINUX else os.cpu_count() or 1
    return cores + 1


@contextlib.contextmanager
def own_servers() -> Iterator[Mapping[str, str]]:
    """Servers for this call alone; yield the suite's environment."""
    data = Path(tempfile.mkdtemp(prefix="desk-test-"))
    try:
        prepare_data_folder(data)
        with running_servers(os.environ, data, forgetful=True, quiet=True) as servers:
            env = test_environment(servers, data)
            if any(isinstance(server, Postgres) for server in servers.running):
                env = {**env, "TEST_TEMPLATE": make_template(env)}
            yield env
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def kept_servers() -> Iterator[Mapping[str, str]]:
    """The kept PostgreSQL and a Redis for this call, which is there in no time; yield the suite's environment.

    Raises CannotStart where the environment wants other servers, or another clock than the kept server has.
    """
    for name in ("DATABASE_URL", "REDIS_URL", "FAKETIME"):
        if os.environ.get(name):
            raise CannotStart(f"{KEEP} works with servers and a clock of its own: unset {name}, or leave out {KEEP}.")
    place = kept()
    with place.in_use() as url, place.slot() as data:
        prepare_data_folder(data)
        ours = f"desk_{data.name.replace('-', '_')}"
        given = {**os.environ, "DATABASE_URL": at_database(url, ours)}
        with running_servers(given, data, forgetful=True, quiet=True) as servers:
            env = {**test_environment(servers, data), "DATABASE_OWNER_URL": given["DATABASE_URL"]}
            renew_database(url, ours)
            with locked(place.folder / "template.lock"):
                env["TEST_TEMPLATE"] = make_template(env)
            yield env


def test_environment(servers: Servers, data: Path) -> Mapping[str, str]:
    """Return the suite's environment: production's settings, and the owner's role, which makes databases."""
    overlay = dict(servers.env)
    for server in servers.running:
        if isinstance(server, Postgres):
            overlay["DATABASE_URL"] = overlay["DATABASE_OWNER_URL"] = server.url(OWNER)
    overlay |= {
        "DATA_DIR": str(data),
        "STATIC_ROOT": str(data / "staticfiles"),
        "SECRET_KEY": "only-for-tests-" + "0" * 40,
        "BASE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return full_environment(overlay | moved_clock(os.environ), owner=True)


def moved_clock(env: Mapping[str, str]) -> dict[str, str]:
    """Return what Python needs beside when the suite runs under faketime (`make test-at`), else nothing."""
    if "FAKETIME" not in env:
        return {}
    path = os.pathsep.join(filter(None, [str(ROOT / "tests" / "faketime"), env.get("PYTHONPATH")]))
    return {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "PYTHONPATH": path}
