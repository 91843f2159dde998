"""A whole desk for browser tests: a database of its own, web, sweeper, worker, beat and guard."""

import contextlib
import os
import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql

from config.embedded.environment import full_environment
from config.embedded.processes import tail, wait_until
from config.embedded.supervisor import Supervisor, desk_services
from config.embedded.up import run_step

APP_ROLE = "desk_app"


@dataclass
class Stack:
    """A running desk. `owner_url` opens its database as the owner, for moving time along."""

    url: str
    owner_url: str
    mail: Path
    logs: Path
    env: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a management command on the desk's data and return what it printed."""
        return run_step(self.env, *arguments)

    def sql(self, statement: str, *values) -> list[tuple]:
        """Run one statement as the owner and return its rows."""
        with (
            contextlib.closing(psycopg2.connect(self.owner_url)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def mails(self) -> list[str]:
        """The texts of all messages that the worker has delivered."""
        return [path.read_text(encoding="utf-8") for path in sorted(self.mail.glob("*.log"))]


@contextlib.contextmanager
def running_stack(folder: Path, name: str, redis_database: int) -> Iterator[Stack]:
    """Start a desk on the servers of the test run, stop it at the end and drop its database.

    `folder` takes its files; `name` is the new database's; `redis_database` keeps its queue apart.
    """
    owner = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    server = urllib.parse.urlsplit(owner)
    with _database(owner, name), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        owner_url = server._replace(path=f"/{name}").geturl()
        env = {
            "DATABASE_OWNER_URL": owner_url,
            "DATABASE_URL": _as_app(server)._replace(path=f"/{name}").geturl(),
            "REDIS_URL": _redis(redis_database),
            "DATA_DIR": str(folder),
            "STATIC_ROOT": str(folder / "static"),
            "SECRET_KEY": "only-for-browser-tests-" + "0" * 40,
            "BASE_URL": url,
            "DEBUG": "false",
            "ALLOWED_HOSTS": "127.0.0.1",
            "EMAIL_URL": f"file://{folder / 'mail'}",
        }
        (folder / "logs").mkdir(parents=True)
        run_step(env, "prepare_database", "--verbosity", "0")
        run_step(env, "collectstatic", "--noinput", "--verbosity", "0")
        supervisor = Supervisor(
            desk_services(listener.fileno()),
            [],
            env=full_environment(env, owner=False),
            logs=folder / "logs",
            on_change=lambda children: None,
        )
        try:
            supervisor.start()
            if not wait_until(lambda: _is_ready(url), 60):
                said = "\n".join(f"{log.name}: {tail(log)}" for log in sorted((folder / "logs").glob("*.log")))
                raise AssertionError(f"The desk did not become ready.\n{said}")
            yield Stack(url, owner_url, folder / "mail", folder / "logs", env)
        finally:
            supervisor.stop()


@contextlib.contextmanager
def _database(owner: str, name: str) -> Iterator[None]:
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with contextlib.closing(psycopg2.connect(owner)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(drop)
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                yield
            finally:
                cursor.execute(drop)


def _as_app(server: urllib.parse.SplitResult) -> urllib.parse.SplitResult:
    """The server's address with the application's role; it gets the owner's password, if there is one."""
    password = f":{server.password}" if server.password else ""
    host = server.netloc.rpartition("@")[2]
    return server._replace(netloc=f"{APP_ROLE}{password}@{host}")


def _redis(database: int) -> str:
    parts = urllib.parse.urlsplit(os.environ["REDIS_URL"])
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={database}"
    return parts._replace(path=f"/{database}").geturl()


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=3) as answer:
            return answer.status == 200
    except OSError:
        return False
