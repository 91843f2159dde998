"""A whole desk for browser tests: a database of its own, web, sweeper, worker, beat and guard."""

import contextlib
import os
import shutil
import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql

from local.environment import full_environment
from local.kept import locked
from local.processes import tail, wait_until
from local.steps import Steps, run_step
from local.supervisor import Supervisor, desk_services
from local.template_database import drop_database, server_cursor

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


@dataclass
class Model:
    """What desks begin with: the demo organisation in a database and its files, and the collected static files."""

    database: str
    folder: Path


@contextlib.contextmanager
def shared_model(folder: Path, who: str) -> Iterator[Model]:
    """The model in `folder`, which all test processes know; the first makes it, the last of them drops its database.

    `who` names this process among the others.
    """
    owner = owner_address()
    database = urllib.parse.urlsplit(owner).path.strip("/") + "_browser"
    model, users = Model(database, folder / "model"), folder / "model-users"
    users.mkdir(exist_ok=True)
    with locked(folder / "model.lock"):
        if not any(users.iterdir()):
            _make_model(owner, model)
        (users / who).touch()
    try:
        yield model
    finally:
        with locked(folder / "model.lock"):
            (users / who).unlink()
            if not any(users.iterdir()):
                _drop(owner, model.database)


def _make_model(owner: str, model: Model) -> None:
    _create(owner, model.database, template=os.environ.get("TEST_TEMPLATE", "template1"))
    shutil.rmtree(model.folder, ignore_errors=True)
    model.folder.mkdir()
    # No desk answers there: an address in the data would be one of another process's desk.
    env = _environment(model.folder, model.database, "http://127.0.0.1:9", redis_database=0)
    with Steps(env) as steps:
        static = steps.begin("collectstatic", "--noinput", "--verbosity", "0")
        steps.begin("prepare_database", "--verbosity", "0").result()
        steps.begin("demo", "--force").result()
        static.result()


@contextlib.contextmanager
def running_stack(model: Model, who: str, folder: Path, redis_database: int) -> Iterator[Stack]:
    """Start a desk as `model` on the servers of the test run, stop it at the end and drop its database.

    `who` names it among the desks of the run; `folder` takes its files; `redis_database` keeps its queue apart.
    """
    owner, name = owner_address(), f"{model.database}_{who}"
    with _database(owner, name, model), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        env = _environment(folder, name, url, redis_database) | {"STATIC_ROOT": str(model.folder / "static")}
        owner_url = env["DATABASE_OWNER_URL"]
        (folder / "logs").mkdir(parents=True)
        shutil.copytree(model.folder / "evidence", folder / "evidence")
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


def owner_address() -> str:
    """The address of the test run's own database, for the role that may create others."""
    return os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]


def _environment(folder: Path, database: str, url: str, redis_database: int) -> dict[str, str]:
    server = urllib.parse.urlsplit(owner_address())
    return {
        "DATABASE_OWNER_URL": server._replace(path=f"/{database}").geturl(),
        "DATABASE_URL": _as_app(server)._replace(path=f"/{database}").geturl(),
        "REDIS_URL": _redis(redis_database),
        "DATA_DIR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "SECRET_KEY": "only-for-browser-tests-" + "0" * 40,
        "BASE_URL": url,
        "DEBUG": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "EMAIL_URL": f"file://{folder / 'mail'}",
    }


@contextlib.contextmanager
def _database(owner: str, name: str, model: Model) -> Iterator[None]:
    _create(owner, name, template=model.database)
    try:
        yield
    finally:
        _drop(owner, name)


def _create(owner: str, name: str, template: str) -> None:
    with server_cursor(owner) as cursor:
        drop_database(cursor, name)
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))


def _drop(owner: str, name: str) -> None:
    with server_cursor(owner) as cursor:
        drop_database(cursor, name)


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
