"""python3 run.py: servers, database, static files, demo organisation, processes, address."""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg2

from config.env import connection_parameters, read_database
from config.healthcheck import ask_web
from local import CannotStart
from local.dev import Watch, services_that_reload
from local.environment import (
    ROOT,
    data_folder,
    desk_environment,
    full_environment,
    listen,
    port_number,
    wants_demo,
)
from local.instance import UP, Instance
from local.paths import prepare_data_folder
from local.prepared import Prepared
from local.processes import tail
from local.report import say
from local.servers import running_servers
from local.signals import stop_on_signals
from local.steps import Step, Steps
from local.supervisor import Supervisor, desk_services

READY_WITHIN = 90.0
DEMO_BEGUN = "demo.started"


def up(*, reload: bool = False) -> int:
    """Run the desk until a signal ends it; return the exit status. Raises CannotStart.

    With `reload` it serves changes of the source at once, and says what Python says of an error (DEBUG).
    """
    data, port = data_folder(os.environ), port_number(os.environ)
    prepare_data_folder(data)
    instance = Instance(data)
    instance.take_for_desk()
    stop_on_signals()
    try:
        with listen(port) as listener, running_servers(os.environ, data) as servers:
            overlay = {**desk_environment(os.environ, data, port), **servers.env}
            if reload:
                overlay["DEBUG"] = "true"
                # Django's server opens the port itself.
                listener.close()
            url = overlay["BASE_URL"]
            instance.tell(mode=UP, url=url, env=overlay)
            supervisor = Supervisor(
                services_that_reload(port) if reload else desk_services(listener.fileno()),
                servers.running,
                env=full_environment(overlay, owner=False),
                logs=data / "logs",
                on_change=lambda children: instance.tell(children=children),
            )
            try:
                with Steps(overlay) as steps:
                    demo = prepare(steps, data, supervisor)
                    sign_ins = finish_demo(demo, data, supervisor.look)
                say("Waiting for web, sweeper, worker, beat and guard")
                wait_until_ready(supervisor, port, url, data / "logs")
                say(f"The desk is ready: {url}/")
                print(f"\n{sign_ins}\nLogs: {data / 'logs'}\nCtrl-C stops everything.", flush=True)
                watch = Watch(supervisor) if reload else None
                while True:
                    time.sleep(0.3)
                    supervisor.look()
                    if watch and (changed := watch.look()):
                        say(f"Changed: {', '.join(changed)}")
            finally:
                say("Stopping")
                supervisor.stop()
    except KeyboardInterrupt:
        say("Stopped")
        return 0
    finally:
        instance.release()


def prepare(steps: Steps, data: Path, supervisor: Supervisor) -> Step | None:
    """Bring database and static files up to date and start the processes; return the demo's step where it is loaded.

    What does not wait for each other runs side by side. The demo reads and draws what it needs while the tables are
    made, and is loaded while the processes start: nobody sees any of it before all of it is there. Where nothing is
    new, the processes start at once.
    """
    demo, static, prepared = begin_demo(steps, data), begin_static(steps, data), Prepared(data, steps.overlay)
    nothing_new = demo is None and static is None and prepared.is_known()
    database = steps.begin("prepare_database", "--verbosity", "0")
    if nothing_new:
        supervisor.start()
    said = database.result()
    prepared.remember()
    say("The database is up to date")
    for line in said.splitlines():
        print(f"          {line}", flush=True)
    if demo is not None:
        (data / DEMO_BEGUN).touch(mode=0o600)
        demo.go()
        say("Loading the demo organisation (only this time)")
    if static is not None:
        static.result()
        stamp(data).write_text(static_fingerprint(Path(steps.overlay["STATIC_ROOT"])), encoding="utf-8")
        say("Static files are collected")
    if not nothing_new:
        supervisor.start()
    return demo


def stamp(data: Path) -> Path:
    """Return the file that holds the fingerprint of the collected static files."""
    return data / "static-fingerprint.txt"


def begin_static(steps: Steps, data: Path) -> Step | None:
    """Begin to collect the static files unless none has changed since the last time."""
    fingerprint = static_fingerprint(Path(steps.overlay["STATIC_ROOT"]))
    if stamp(data).exists() and stamp(data).read_text(encoding="utf-8") == fingerprint:
        return None
    stamp(data).unlink(missing_ok=True)
    return steps.begin("collectstatic", "--noinput", "--clear", "--verbosity", "0")


def static_fingerprint(target: Path) -> str:
    """Return a text that changes with our static files, the packages and the list of collected files."""
    digest = hashlib.sha256()
    watched = [ROOT / ".venv" / ".installed", ROOT / "config" / "storage.py", target / "staticfiles.json"]
    for file in [*sorted((ROOT / "static").rglob("*")), *watched]:
        state = file.stat() if file.exists() else None
        digest.update(f"{file} {(state.st_size, state.st_mtime_ns) if state else None}\n".encode(errors="replace"))
    return f"{target} {digest.hexdigest()}"


def begin_demo(steps: Steps, data: Path) -> Step | None:
    """Begin to load the demo organisation into a database without people, once; it waits for the tables.

    DEMO=false starts with an empty desk. The file with the sign-ins says that the demo is complete; DEMO_BEGUN,
    that it was begun and must be finished.
    """
    if not (data / DEMO_BEGUN).exists() and not (wants_demo(os.environ) and not has_people(steps.overlay)):
        return None
    return steps.begin("demo", "--force", "--when-told", "--verbosity", "0", waits=True)


def finish_demo(demo: Step | None, data: Path, look: Callable[[], None]) -> str:
    """Wait until the demo is loaded, looking after the processes meanwhile; return the sign-ins to print."""
    done = data / "demo-sign-ins.txt"
    if demo is not None:
        while demo.runs:
            look()
            time.sleep(0.1)
        table = demo.result()
        done.touch(mode=0o600)
        done.write_text(table, encoding="utf-8")
        (data / DEMO_BEGUN).unlink()
        say("The demo organisation is loaded")
    if done.exists():
        return done.read_text(encoding="utf-8")
    return "Sign in with your own account (python3 run.py manage createsuperuser makes the first one).\n"


def has_people(env: Mapping[str, str]) -> bool:
    """Say whether the database of `env` has any person who could sign in; one without tables has none.

    Its owner asks where there is one: the application's role may not be there yet. Of a database that cannot be
    reached nothing is known; the step that prepares it says why.
    """
    parameters = connection_parameters(
        read_database(env, "DATABASE_OWNER_URL" if env.get("DATABASE_OWNER_URL") else "DATABASE_URL")
    )
    try:
        connection = psycopg2.connect(**parameters)
    except psycopg2.OperationalError:
        return True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.accounts_person') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_person)")
        return bool(cursor.fetchone()[0])


def is_only_behind(checks: dict[str, object]) -> bool:
    """Say whether all is well in /readyz but promises that fell due while the desk was off: the sweep is at them."""
    words = {name: value for name, value in checks.items() if isinstance(value, str)}
    return words.pop("promises", None) == "late" and all(word == "ok" for word in words.values())


def wait_until_ready(supervisor: Supervisor, port: int, url: str, logs: Path) -> None:
    """Watch the processes until /readyz is green with fresh heartbeats; raises CannotStart after 90 s."""
    asked = time.monotonic()
    while True:
        status, checks = ask_web(port, url)
        now = time.monotonic()
        waited = now - asked
        ages = [value for name, value in checks.items() if name.endswith("_age_s")]
        # A heartbeat from before this start proves nothing about it.
        if (status == 200 or is_only_behind(checks)) and all(
            isinstance(age, int | float) and age <= now - supervisor.began for age in ages
        ):
            return
        if waited > READY_WITHIN:
            late = ", ".join(f"{name}: {value}" for name, value in checks.items()) or "the web server does not answer"
            last = "\n".join(filter(None, (tail(logs / f"{service.name}.log", 3) for service in supervisor.services)))
            raise CannotStart(f"{last}\nThe desk is not ready after {waited:.0f} s ({late}). See {logs}")
        supervisor.look()
        time.sleep(0.25)
