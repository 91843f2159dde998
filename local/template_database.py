"""The migrated database from which test databases are copied: migrating takes 15 s of work, a copy 0.2 s.

tests/conftest.py hands its name to Django (TEST_TEMPLATE); it is of today's migrations and packages.
"""

import contextlib
import urllib.parse
from collections.abc import Iterator, Mapping

import psycopg2
from psycopg2 import sql

from local.prepared import fingerprint_of_code
from local.steps import run_step

TEMPLATE, MAKING = "desk_template_", "desk_making"


def make_template(env: Mapping[str, str]) -> str:
    """Return the name of the migrated database on the server of DATABASE_URL, making it where it is missing.

    `env` is the suite's (local.tests), its role may create databases. Templates of other migrations are
    dropped. One caller at a time. Raises CannotStart with the last words of a migration that failed.
    """
    name = template_name()
    with server_cursor(env["DATABASE_URL"]) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE])
        found = {row[0] for row in cursor.fetchall()}
        if name in found:
            return name
        # MAKING is left where somebody killed us over it.
        for other in (*found, MAKING):
            drop_database(cursor, other)
        cursor.execute(f"CREATE DATABASE {MAKING}")
        run_step({**env, "DATABASE_URL": at_database(env["DATABASE_URL"], MAKING)}, "migrate", "--verbosity", "0")
        cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (MAKING, name))))
    return name


def template_name() -> str:
    return TEMPLATE + fingerprint_of_code()[:16]


def renew_database(url: str, name: str) -> None:
    """Make an empty database for a call; what an earlier call with this name left goes, whoever is still connected.

    That is test_<name>, and what begins with <name>_ (a worker's, a browser desk's).
    """
    with server_cursor(url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [rf"^(test_)?{name}(_|$)"])
        for (left,) in cursor.fetchall():
            drop_database(cursor, left)
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def drop_database(cursor, name: str) -> None:
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def at_database(url: str, name: str) -> str:
    """Return the address of the database `name` on the same server, for the same role."""
    return urllib.parse.urlsplit(url)._replace(path=f"/{name}").geturl()


@contextlib.contextmanager
def server_cursor(url: str) -> Iterator:
    """Yield a cursor that makes and drops databases on the server of `url`; each statement counts at once."""
    with contextlib.closing(psycopg2.connect(at_database(url, "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
