"""python -m tests.chaos.run: proves that no promise is lost or acted on twice while everything breaks.

Read docs/reliability.md for what is guaranteed and which variables there are. The last line is one JSON object; the
exit status is 1 when a guarantee did not hold.
"""

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import psycopg2
from django.core.exceptions import ImproperlyConfigured

from local import CannotStart
from local.environment import ROOT, full_environment
from local.processes import spawn, tail
from local.signals import stop_on_signals
from local.steps import run_step
from tests.chaos import audit, poison
from tests.chaos.crew import Crew
from tests.chaos.faults import Scene
from tests.chaos.plan import HANDLED, Plan, WrongPlan, read_plan
from tests.chaos.servers import Servers, own_servers
from tests.chaos.sink import Sink
from tests.chaos.verdict import verdict

HOST = "127.0.0.1"
READY_WITHIN_S = 90
# For moving the promises into the window on a slow machine.
LEAD_S, MOVED_A_SECOND = 8.0, 1000
ASK_EVERY_S = 0.5

READY = """
SELECT count(*) FROM followups_heartbeat
WHERE name IN ('sweep', 'deliver', 'beat', 'guard') AND at > clock_timestamp() - interval '3 seconds'
"""
NOW = "SELECT clock_timestamp()"
# The window begins at this moment; a promise and its complaint move alike.
MOVE_PROMISES = "UPDATE followups_promise SET due_at = due_at + %s, warn_at = warn_at + %s"
MOVE_COMPLAINTS = "UPDATE complaints_complaint SET next_due_at = next_due_at + %s"
OPEN = """
SELECT count(*) FROM followups_promise AS p
WHERE state = 'open' AND follows_id IS NULL AND kind = 'visit'
    AND NOT EXISTS (SELECT FROM chaos.poison AS x WHERE x.promise_id = p.id AND x.chronic)
"""
UNFINISHED = "SELECT count(*) FROM followups_notice WHERE state IN ('queued', 'claimed', 'sending')"


def say(words: str):
    print(f"{time.strftime('%H:%M:%S')}  {words}", flush=True)


def main() -> int:
    """Run what the environment asks for; returns the exit status."""
    stop_on_signals()
    try:
        plan = read_plan(os.environ)
        result = run(plan)
    except (WrongPlan, ImproperlyConfigured, CannotStart) as problem:
        print(problem, file=sys.stderr)
        return 2
    broken = verdict(plan, result)
    for sentence in broken:
        say(f"NOT KEPT: {sentence}")
    print(json.dumps(result | {"passed": not broken}))
    return 1 if broken else 0


def run(plan: Plan) -> dict:
    """One run from an empty folder to the audit."""
    with own_servers() as servers, Sink() as sink:
        env = full_environment(environment(servers, sink), owner=False)
        run_step(environment(servers, sink), "prepare_database", "--verbosity", "0")
        base = datetime.fromisoformat(
            part(env, "load", count=plan.count, seed=plan.seed, mails=plan.mails, spread_s=plan.spread_s)
        )
        poison.prepare(servers, plan, random.Random(plan.seed))
        say(f"{plan.count} promises are loaded")
        crew = Crew(env, servers.folder / "logs")
        scene = Scene(servers, crew, sink, random.Random(plan.seed))
        try:
            wait_until_ready(scene)
            end = begin(scene, plan, base)
            drained_s = watch(scene, plan, end, env)
        finally:
            crew.stop()
            keep_logs(servers)
        with contextlib.closing(servers.connect()) as connection:
            result = {"seed": plan.seed, "n": plan.count, **audit.read_promises(connection, plan.count)}
            result |= audit.read_mails(connection, sink, HOST)
            result |= audit.read_people(connection, servers.folder / "people.jsonl")
        return result | {"drained_s": drained_s, "spread_s": plan.spread_s, "faults": dict(scene.counts)}


def environment(servers: Servers, sink: Sink) -> dict[str, str]:
    """What the desk's processes get."""
    return servers.environment() | {
        "DATA_DIR": str(servers.folder),
        "STATIC_ROOT": str(servers.folder / "staticfiles"),
        "SECRET_KEY": "only-for-chaos-" + "0" * 40,
        "BASE_URL": f"http://{HOST}:8000",
        "DEBUG": "false",
        "EMAIL_URL": f"smtp://{HOST}:{sink.port}?tls=none",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def part_command(name: str, given: dict) -> list[str]:
    return [sys.executable, "-m", "tests.chaos.desk", name, json.dumps(given)]


def part(env: dict[str, str], name: str, **given) -> str:
    """Run a part that uses the desk's code to its end; return the last line it printed."""
    answer = subprocess.run(part_command(name, given), env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if answer.returncode:
        raise CannotStart(f"{name} ended with status {answer.returncode}")
    return answer.stdout.strip().splitlines()[-1]


def ask(servers: Servers, query: str, *values):
    """The first value that `query` finds, or None where it finds nothing."""
    with contextlib.closing(servers.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0] if cursor.description else None


def wait_until_ready(scene: Scene):
    """Start the crew and wait until every part of the engine has a fresh heartbeat; raises CannotStart."""
    ends = time.monotonic() + READY_WITHIN_S
    while ask(scene.servers, READY) < 4:
        if time.monotonic() > ends:
            last = "\n".join(tail(log, 3) for log in sorted((scene.servers.folder / "logs").glob("*.log")))
            raise CannotStart(f"The engine is not ready after {READY_WITHIN_S} s.\n{last}")
        scene.look()
        time.sleep(0.2)


def begin(scene: Scene, plan: Plan, base: datetime) -> datetime:
    """Move the promises into the window; returns its end (database clock)."""
    servers = scene.servers
    lead = timedelta(seconds=LEAD_S + plan.count / MOVED_A_SECOND)
    start = ask(servers, NOW) + lead
    ask(servers, MOVE_PROMISES, start - base, start - base)
    ask(servers, MOVE_COMPLAINTS, start - base)
    for table in ("followups_promise", "complaints_complaint"):
        ask(servers, f"VACUUM ANALYZE {table}")
    poison.until(servers, start + timedelta(seconds=plan.spread_s / 2))
    wait = (start - ask(servers, NOW)).total_seconds()
    if wait < 0:
        raise CannotStart(f"The machine is too slow: moving the promises took {-wait:.1f} s longer than allowed for.")
    scene.plan(plan.faults, time.monotonic() + wait, plan.spread_s)
    say(f"The storm begins: {plan.spread_s} s, {len(scene.timetable)} faults")
    return start + timedelta(seconds=plan.spread_s)


def watch(scene: Scene, plan: Plan, end: datetime, env: dict[str, str]) -> float | None:
    """Let it happen until all is done; returns the seconds from `end` on, None when calm never came."""
    people = None
    if plan.faults:
        given = {"seed": plan.seed, "end": end.isoformat(), "log": str(scene.servers.folder / "people.jsonl")}
        people = spawn(
            part_command("people", given), env=env, cwd=ROOT, log=scene.servers.folder / "logs" / "people.log"
        )
    told = asked = time.monotonic()
    while True:
        scene.look()
        time.sleep(0.05)
        if time.monotonic() - asked < ASK_EVERY_S:
            continue
        asked = time.monotonic()
        try:
            now, left = ask(scene.servers, NOW), ask(scene.servers, OPEN)
            unfinished = 0 if plan.until == HANDLED else ask(scene.servers, UNFINISHED)
        except psycopg2.Error:
            continue
        since_end = (now - end).total_seconds()
        if asked - told > 10:
            told = asked
            say(f"{since_end:+.0f} s: {left} promises open, {unfinished} messages on their way")
        over = not scene.timetable and (people is None or people.poll() is not None)
        if since_end > 0 and over and not left and not unfinished:
            return round(since_end, 1)
        if since_end > plan.calm_s:
            return None


def keep_logs(servers: Servers):
    """Copy the logs of the run to the folder LOGS, where one is named."""
    target = os.environ.get("LOGS", "").strip()
    if not target:
        return
    Path(target).mkdir(parents=True, exist_ok=True)
    for log in (servers.folder / "logs").glob("*.log"):
        (Path(target) / log.name).write_bytes(log.read_bytes())
    people = servers.folder / "people.jsonl"
    if people.exists():
        (Path(target) / people.name).write_bytes(people.read_bytes())


if __name__ == "__main__":
    sys.exit(main())
