"""python -m tests.bench.promises: what one sweep over 100 due promises takes with 1,000 and with 1,000,000 open ones.

Starts a PostgreSQL of its own with two databases, alternates between them so that a busy machine slows both alike, and
prints one JSON line; the exit status is 1 when the larger one takes over 30 % longer. MANY and ROUNDS are settable.

Then one sweeper handles 1,000 promises that are due at once, of which one in a hundred fails, and by turns with it the
minimal view is asked of a web server: promises a second, and how many they are where that view answers in 1 ms.
"""

import contextlib
import http.client
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import time

import psycopg2

from config.env import read_int
from local.environment import ROOT, full_environment
from local.processes import finish, spawn, wait_until
from local.signals import stop_on_signals
from local.steps import run_step
from local.supervisor import desk_services
from tests.bench.client import Browser
from tests.chaos import poison
from tests.chaos.run import environment, part, say
from tests.chaos.servers import Servers, own_servers
from tests.chaos.sink import Sink

DUE, FEW, COPIED_FROM, A_COMPLAINT, ALLOWED = 100, 1000, 500, 4, 1.3
COPIES = "desk_many"
# Copies of the first complaints, without their histories: nothing of them falls due.
COPY_COMPLAINTS = """
INSERT INTO complaints_complaint ({columns})
SELECT {values} FROM (SELECT * FROM complaints_complaint ORDER BY id LIMIT %s) AS c, generate_series(1, %s) AS number
"""
COPIED = {
    "reference": "'B-' || c.id || '-' || number",
    "token_hash": "encode(sha256((c.id || '-' || number)::bytea), 'hex')",
}
# Four open promises a complaint, due from an hour to thirty days ahead.
ADD_PROMISES = """
INSERT INTO followups_promise (complaint_id, round, kind, words, to_customer, made_at, due_at, warn_at, explanation,
    state, cycle, moves, moved_reason, failures, last_error)
SELECT id, 1, 'visit', '', true, now(), due_at, due_at - interval '30 minutes', '{}', 'open', 1, 0, '', 0, ''
FROM (
    SELECT c.id, now() + interval '1 hour' + random() * interval '30 days' AS due_at
    FROM complaints_complaint AS c, generate_series(1, %s) WHERE c.reference LIKE 'B-%%'
) AS z
"""
# Of the promises whose handling is timed one in a hundred fails each time, in the middle of those that do not.
FAULTY = "INSERT INTO chaos.poison SELECT id, true, 'infinity' FROM followups_promise WHERE id % 100 = 50"
REFERENCE = "SELECT reference FROM complaints_complaint ORDER BY id LIMIT 1"
SWEEPER = [sys.executable, "-m", "tests.bench.sweeper"]
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1, "cwd": ROOT}
# It reports every row that fails.
QUIETLY = PIPES | {"stderr": subprocess.DEVNULL}
RATE_ROUNDS, MINIMAL_ASKED = 5, 40
OPEN = "SELECT count(*) FROM followups_promise WHERE state = 'open'"


def main() -> int:
    """Fill, measure, print; returns the exit status."""
    stop_on_signals()
    many = read_int(os.environ, "MANY", 1_000_000, least=2000, most=10_000_000)
    rounds = read_int(os.environ, "ROUNDS", 15, least=3, most=1000)
    with own_servers() as servers, Sink() as sink:
        settings = environment(servers, sink)
        env = full_environment(settings, owner=False)
        run_step(settings, "prepare_database", "--verbosity", "0")
        part(env, "load", count=FEW, seed=1, mails=10, spread_s=60)
        filled_s = fill(servers, many - FEW)
        say(f"Filled in {filled_s:.0f} s")
        few, lots = measure(env, rounds)
        a_second, minimal_ms = measure_rate(servers, env)
        with at(servers, COPIES) as cursor:
            cursor.execute(OPEN)
            counted = cursor.fetchone()[0]
    ratio = round(statistics.median(lots) / statistics.median(few), 2)
    result = {
        "due": DUE,
        "rounds": rounds,
        "open_few": FEW,
        "open_many": counted,
        "few_ms": round(statistics.median(few)),
        "many_ms": round(statistics.median(lots)),
        "ratio": ratio,
        "promises_a_second": round(a_second),
        "minimal_ms": round(minimal_ms, 2),
        "a_second_where_minimal_is_1_ms": round(a_second * minimal_ms),
    }
    print(json.dumps(result))
    return 0 if ratio <= ALLOWED else 1


@contextlib.contextmanager
def at(servers: Servers, database: str):
    """A cursor of the owner in one of the two databases."""
    with contextlib.closing(psycopg2.connect(servers.owner_url, dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def fill(servers: Servers, more: int) -> float:
    """Copy the database and add `more` open promises to the copy; returns the seconds it took."""
    began = time.monotonic()
    with at(servers, "postgres") as cursor:
        cursor.execute(f"CREATE DATABASE {COPIES} TEMPLATE desk")
    with at(servers, COPIES) as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'complaints_complaint'"
            " AND column_name <> 'id' AND is_generated = 'NEVER'"
        )
        columns = [f'"{name}"' for (name,) in cursor.fetchall()]
        values = [COPIED.get(name.strip('"'), f"c.{name}") for name in columns]
        query = COPY_COMPLAINTS.format(columns=", ".join(columns), values=", ".join(values))
        cursor.execute(query, [COPIED_FROM, math.ceil(more / A_COMPLAINT / COPIED_FROM)])
        cursor.execute(ADD_PROMISES, [A_COMPLAINT])
        for table in ("complaints_complaint", "followups_promise"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    with at(servers, "desk") as cursor:
        cursor.execute("VACUUM ANALYZE")
    return time.monotonic() - began


def measure(env: dict[str, str], rounds: int) -> tuple[list[float], list[float]]:
    """The milliseconds of each sweep, in the small database and in the large one, by turns."""
    large = env | {"DATABASE_URL": env["DATABASE_URL"].replace("/desk?", f"/{COPIES}?")}
    with subprocess.Popen(SWEEPER, env=env, **PIPES) as small, subprocess.Popen(SWEEPER, env=large, **PIPES) as other:
        taken: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds + 1):
            for process, times in zip((small, other), taken, strict=True):
                process.stdin.write(f"{DUE}\n")
                milliseconds = float(process.stdout.readline())
                # The first one also loads modules and warms caches.
                if number:
                    times.append(milliseconds)
        small.stdin.close()
        other.stdin.close()
    return taken


def measure_rate(servers: Servers, env: dict[str, str]) -> tuple[float, float]:
    """Promises that one sweeper handles a second, faults among them, and the milliseconds of the minimal view."""
    with at(servers, "desk") as cursor:
        cursor.execute(poison.CREATE)
        cursor.execute(FAULTY)
        cursor.execute(REFERENCE)
        (reference,) = cursor.fetchone()
    rates, least = [], []
    with minimal_view(servers, env) as port, subprocess.Popen(SWEEPER, env=env, **QUIETLY) as sweeper:
        for number in range(RATE_ROUNDS + 1):
            sweeper.stdin.write(f"{FEW}\n")
            milliseconds = float(sweeper.stdout.readline())
            # A connection is not kept for as long as a sweep may take.
            browser = Browser(port)
            asked = [browser.ask(f"/bench/minimal/{reference}/").ms for _time in range(MINIMAL_ASKED)]
            browser.close()
            if number:
                rates.append(FEW / milliseconds * 1000)
                least += asked
        sweeper.stdin.close()
    return statistics.median(rates), statistics.median(least)


@contextlib.contextmanager
def minimal_view(servers: Servers, env: dict[str, str]):
    """A web server with the minimal view; its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        port = listener.getsockname()[1]
        web = desk_services(listener.fileno())[0]
        web_env = env | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
        process = spawn(web.command, env=web_env, cwd=ROOT, log=servers.folder / "web.log", keep=web.keep)
        try:
            if not wait_until(lambda: process.poll() is not None or answers(port), 60):
                raise RuntimeError("The web server does not answer.")
            yield port
        finally:
            finish([process], 15)


def answers(port: int) -> bool:
    """Whether the web server answers."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return Browser(port).ask("/healthz").status == 200
    return False


if __name__ == "__main__":
    sys.exit(main())
