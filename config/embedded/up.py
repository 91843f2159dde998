"""python3 run.py: servers, database, static files, demo organisation, processes, address."""

import contextlib
import hashlib
import os
import subprocess
import time
from pathlib import Path

import psycopg2

from config.embedded import CannotStart
from config.embedded.environment import (
    ROOT,
    data_folder,
    desk_environment,
    full_environment,
    listen,
    manage_command,
    port_number,
    wants_demo,
)
from config.embedded.instance import UP, Instance
from config.embedded.place import prepare_data_folder
from config.embedded.processes import tail
from config.embedded.report import say
from config.embedded.servers import running_servers
from config.embedded.signals import stop_on_signals
from config.embedded.supervisor import Supervisor, desk_services
from config.healthcheck import ask_web

READY_WITHIN = 90.0


def up() -> int:
    """Run the desk until a signal ends it; return the exit status. Raises CannotStart."""
    data, port = data_folder(os.environ), port_number(os.environ)
    prepare_data_folder(data)
    instance = Instance(data)
    instance.take_for_desk()
    stop_on_signals()
    try:
        with listen(port) as listener, running_servers(os.environ, data) as servers:
            overlay = {**desk_environment(os.environ, data, port), **servers.env}
            url = overlay["BASE_URL"]
            instance.tell(mode=UP, url=url, env=overlay)
            sign_ins = prepare(data, overlay)
            supervisor = Supervisor(
                desk_services(listener.fileno()),
                servers.running,
                env=full_environment(overlay, owner=False),
                logs=data / "logs",
                on_change=lambda children: instance.tell(children=children),
            )
            try:
                supervisor.start()
                say("Waiting for web, sweeper, worker, beat and guard")
                wait_until_ready(supervisor, port, url, data / "logs")
                say(f"The desk is ready: {url}/")
                print(f"\n{sign_ins}\nLogs: {data / 'logs'}\nCtrl-C stops everything.", flush=True)
                while True:
                    time.sleep(0.3)
                    supervisor.look()
            finally:
                say("Stopping")
                supervisor.stop()
    except KeyboardInterrupt:
        say("Stopped")
        return 0
    finally:
        instance.release()


def run_step(overlay: dict[str, str], *arguments: str) -> str:
    """Run one management command and return what it printed; raises CannotStart with its last words."""
    answer = subprocess.run(
        manage_command(*arguments),
        env=full_environment(overlay, owner=arguments[0] == "prepare_database"),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if answer.returncode:
        said = answer.stdout.strip()
        if "No space left on device" in said:
            raise CannotStart("The disk is full: free some space and start again.")
        raise CannotStart(f"{said}\nThe step above failed: manage.py {' '.join(arguments)}")
    return answer.stdout


def prepare(data: Path, overlay: dict[str, str]) -> str:
    """Bring database and static files up to date, load the demo once; return the sign-ins to print."""
    said = run_step(overlay, "prepare_database", "--verbosity", "0")
    say("The database is up to date")
    for line in said.splitlines():
        print(f"          {line}", flush=True)
    collect_static(data, overlay)
    return load_demo(data, overlay)


def collect_static(data: Path, overlay: dict[str, str]) -> None:
    """Collect the static files unless none has changed since the last time."""
    stamp = data / "static-fingerprint.txt"
    fingerprint = static_fingerprint(Path(overlay["STATIC_ROOT"]))
    if stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint:
        return
    stamp.unlink(missing_ok=True)
    run_step(overlay, "collectstatic", "--noinput", "--clear", "--verbosity", "0")
    stamp.write_text(static_fingerprint(Path(overlay["STATIC_ROOT"])), encoding="utf-8")
    say("Static files are collected")


def static_fingerprint(target: Path) -> str:
    """Return a text that changes with our static files, the packages and the list of collected files."""
    digest = hashlib.sha256()
    watched = [ROOT / ".venv" / ".installed", ROOT / "config" / "storage.py", target / "staticfiles.json"]
    for file in [*sorted((ROOT / "static").rglob("*")), *watched]:
        state = file.stat() if file.exists() else None
        digest.update(f"{file} {(state.st_size, state.st_mtime_ns) if state else None}\n".encode(errors="replace"))
    return f"{target} {digest.hexdigest()}"


def load_demo(data: Path, overlay: dict[str, str]) -> str:
    """Load the demo organisation into a database without people, once; return the sign-ins.

    DEMO=false starts with an empty desk. The file with the sign-ins says that the demo is complete; one
    called .started, that it was begun and must be finished.
    """
    done, begun = data / "demo-sign-ins.txt", data / "demo.started"
    if begun.exists() or (wants_demo(os.environ) and not has_people(overlay["DATABASE_URL"])):
        begun.touch(mode=0o600)
        say("Loading the demo organisation (only this time)")
        run_step(overlay, "demo", "--force")
        done.touch(mode=0o600)
        done.write_text(run_step(overlay, "demo", "--sign-ins"), encoding="utf-8")
        begun.unlink()
    if done.exists():
        return done.read_text(encoding="utf-8")
    return "Sign in with your own account (python3 run.py manage createsuperuser makes the first one).\n"


def has_people(database_url: str) -> bool:
    """Say whether the database has any person who could sign in."""
    with contextlib.closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_person)")
        return bool(cursor.fetchone()[0])


def is_only_behind(checks: dict[str, object]) -> bool:
    """Say whether all is well in /readyz but promises that fell due while the desk was off: the sweep is at them."""
    words = {name: value for name, value in checks.items() if isinstance(value, str)}
    return words.pop("promises", None) == "late" and all(word == "ok" for word in words.values())


def wait_until_ready(supervisor: Supervisor, port: int, url: str, logs: Path) -> None:
    """Watch the processes until /readyz is green with fresh heartbeats; raises CannotStart after 90 s."""
    began = time.monotonic()
    while True:
        status, checks = ask_web(port, url)
        waited = time.monotonic() - began
        ages = [value for name, value in checks.items() if name.endswith("_age_s")]
        # A heartbeat from before this start proves nothing about it.
        if (status == 200 or is_only_behind(checks)) and all(age is not None and age <= waited for age in ages):
            return
        if waited > READY_WITHIN:
            late = ", ".join(f"{name}: {value}" for name, value in checks.items()) or "the web server does not answer"
            last = "\n".join(filter(None, (tail(logs / f"{service.name}.log", 3) for service in supervisor.services)))
            raise CannotStart(f"{last}\nThe desk is not ready after {waited:.0f} s ({late}). See {logs}")
        supervisor.look()
        time.sleep(0.25)
