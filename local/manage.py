"""python3 run.py manage …: a management command on the desk's data, whether the desk is running or not."""

import contextlib
import os
import time
from collections.abc import Mapping

import psycopg2

from config.env import connection_parameters, read_database
from local import CannotStart
from local.binaries import postgres_folder
from local.environment import (
    data_folder,
    desk_environment,
    full_environment,
    manage_command,
    port_number,
)
from local.instance import MANAGE, UP, Instance
from local.paths import prepare_data_folder
from local.servers import running_servers
from local.signals import run_in_front, stop_on_signals

PATIENCE = 120


def manage(arguments: list[str]) -> int:
    """Run the command with the running desk's addresses, or with servers for its time; return its status.

    File names in the command count from the caller's folder. Raises CannotStart.
    """
    data = data_folder(os.environ)
    prepare_data_folder(data)
    instance = Instance(data)
    overlay = take_or_join(instance)
    if overlay:
        return run(arguments, overlay)
    stop_on_signals()
    try:
        with running_servers(os.environ, data, quiet=True) as servers:
            overlay = {**desk_environment(os.environ, data, port_number(os.environ)), **servers.env}
            instance.tell(mode=MANAGE, url=overlay["BASE_URL"], env=overlay)
            if servers.running and not has_tables(overlay):
                status = run(["prepare_database", "--verbosity", "0"], overlay)
                if status:
                    return status
            return run(arguments, overlay)
    finally:
        instance.release()


def take_or_join(instance: Instance) -> dict[str, str] | None:
    """Take the data folder (None), or return the environment of the desk that runs on it.

    Waits for another command, or for a desk that is just starting; raises CannotStart after a minute.
    """
    for attempt in range(PATIENCE):
        if instance.take():
            return None
        running = instance.read()
        if running.get("mode") == UP and running.get("children"):
            return running["env"]
        if attempt == 2:
            print("Waiting for another command of this desk", flush=True)
        time.sleep(0.5)
    raise CannotStart("Another command of this desk has been running for a minute: try again when it has ended.")


def run(arguments: list[str], overlay: dict[str, str]) -> int:
    """Run manage.py in the foreground; the database owner's address is there for prepare_database."""
    return run_in_front(manage_command(*arguments), full_environment(overlay, owner=True) | programs_on_path())


def programs_on_path() -> dict[str, str]:
    """Return the PATH with the embedded PostgreSQL's programs last, for dbshell on a machine without psql."""
    try:
        programs = postgres_folder(os.environ)
    except CannotStart:
        return {}
    return {"PATH": os.pathsep.join([os.environ.get("PATH", os.defpath), str(programs)])}


def has_tables(env: Mapping[str, str]) -> bool:
    """Say whether the database of `env` was prepared before; its owner asks, the application's role may be missing."""
    parameters = connection_parameters(read_database(env, "DATABASE_OWNER_URL"))
    with contextlib.closing(psycopg2.connect(**parameters)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL")
        return bool(cursor.fetchone()[0])
