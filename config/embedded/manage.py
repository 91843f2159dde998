"""python3 run.py manage …: a management command on the desk's data, whether the desk is running or not."""

import contextlib
import os
import time

import psycopg2

from config.embedded import CannotStart
from config.embedded.environment import (
    data_folder,
    desk_environment,
    full_environment,
    manage_command,
    port_number,
)
from config.embedded.instance import MANAGE, UP, Instance
from config.embedded.place import prepare_data_folder
from config.embedded.servers import running_servers
from config.embedded.signals import run_in_front, stop_on_signals

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
            if servers.running and not has_tables(overlay["DATABASE_OWNER_URL"]):
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
    return run_in_front(manage_command(*arguments), full_environment(overlay, owner=True))


def has_tables(owner_url: str) -> bool:
    """Say whether the database was prepared before."""
    with contextlib.closing(psycopg2.connect(owner_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.django_migrations') IS NOT NULL")
        return bool(cursor.fetchone()[0])
