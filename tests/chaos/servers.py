"""PostgreSQL and Redis of the harness's own: made for one run in a folder of its own, gone after it."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from local.binaries import postgres_folder, redis_program
from local.paths import find_place, prepare_data_folder
from local.postgres import APP, OWNER, Postgres
from local.processes import ends_within
from local.redis import Redis


class NotOurs(RuntimeError):
    """Something answers that this run did not start."""


@dataclass
class Servers:
    """The servers of one run below `folder`; what breaks them is here too."""

    folder: Path
    postgres: Postgres
    redis: Redis

    @property
    def owner_url(self) -> str:
        return self.postgres.url(OWNER)

    def environment(self) -> dict[str, str]:
        """The addresses for the desk's processes; they work as the application's role."""
        return {
            "DATABASE_URL": self.postgres.url(APP),
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.redis.url(),
        }

    def connect(self):
        """A connection as the owner, every statement committed by itself. Raises NotOurs for another server."""
        connection = psycopg2.connect(self.owner_url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            if Path(cursor.fetchone()[0]).resolve() != self.postgres.place.cluster.resolve():
                connection.close()
                raise NotOurs("The database that answers is not the one of this run.")
        return connection

    def crash_postgres(self):
        """Let it end as if the machine had lost power, and start it again: it recovers from its log."""
        self.postgres.process.send_signal(signal.SIGQUIT)
        if not ends_within(self.postgres.process, 20):
            raise NotOurs("PostgreSQL did not end at once.")
        self.postgres.start()

    def flush_redis(self):
        """Wipe Redis: every message and every queue."""
        self.redis.ask(b"FLUSHALL")

    def stop_redis(self):
        """End it with a kill -9."""
        self.redis.process.kill()
        self.redis.process.wait()


@contextlib.contextmanager
def own_servers() -> Iterator[Servers]:
    """Start both in a new folder, with production's durability; stop them and remove the folder at the end.

    Addresses in the environment are not looked at: what they name is not ours to break.
    """
    folder = Path(tempfile.mkdtemp(prefix="desk-chaos-"))
    prepare_data_folder(folder)
    place = find_place(folder, postgres_folder(os.environ))
    servers = Servers(folder, Postgres(place), Redis(folder, redis_program(os.environ)))
    # The moment of each commit, by the database: what lateness is measured with.
    servers.postgres.settings["track_commit_timestamp"] = "on"
    if not servers.redis.socket.is_relative_to(folder):
        raise NotOurs("The socket of Redis does not lie in the folder of this run: set TMPDIR to a shorter path.")
    try:
        servers.postgres.start()
        servers.redis.start()
        yield servers
    finally:
        servers.redis.stop()
        servers.postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
        if not place.cluster.is_relative_to(folder):
            shutil.rmtree(place.cluster.parent, ignore_errors=True)
