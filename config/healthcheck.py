"""Asks one part of a desk whether it is well: python -m config.healthcheck web|sweep|deliver|beat|guard

For the container's health check and for the local start. It loads no settings: it runs every few seconds.
Exit status 0 is well, 1 is not.
"""

import contextlib
import http.client
import json
import os
import sys
import urllib.parse
from collections.abc import Mapping

import psycopg2
from django.core.exceptions import ImproperlyConfigured

from config.env import connection_parameters, read_database

TOO_OLD_S = 45
PARTS = ("web", "sweep", "deliver", "beat", "guard")


def ask_web(port: int, base_url: str, address: str = "127.0.0.1") -> tuple[int, dict[str, object]]:
    """Ask /readyz at an `address` of this machine, as `base_url`; return status and checks.

    (0, {}) without an answer.
    """
    host = urllib.parse.urlsplit(base_url).netloc
    connection = http.client.HTTPConnection(address, port, timeout=10)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/readyz", headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}


def reachable(bind: str) -> str:
    """Return the address of this machine at which a server that listens on `bind` (BIND) can be asked."""
    address = bind.strip().strip("[]")
    if address == "::":
        return "::1"
    return "127.0.0.1" if address in ("", "0.0.0.0") else address  # noqa: S104 - nothing is bound here


def heartbeat_age_s(database: Mapping, name: str) -> float | None:
    """Return the seconds since the heartbeat `name`, by the database's clock; None when there was none.

    `database` is an entry of read_database().
    """
    question = "SELECT extract(epoch FROM clock_timestamp() - at) FROM followups_heartbeat WHERE name = %s"
    connection = psycopg2.connect(**connection_parameters(database))
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(question, [name])
        row = cursor.fetchone()
    return float(row[0]) if row else None


def main(arguments: list[str]) -> int:
    """Return 0 when the named part is well, 1 when it is not or cannot be asked, 2 for an unknown name."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    part = arguments[0]
    if part == "web":
        address = reachable(os.environ.get("BIND", ""))
        status, _checks = ask_web(int(os.environ.get("PORT") or 8000), os.environ["BASE_URL"], address)
        return 0 if status == 200 else 1
    try:
        age = heartbeat_age_s(read_database(os.environ), part)
    except (psycopg2.Error, ImproperlyConfigured):
        return 1
    return 0 if age is not None and age <= TOO_OLD_S else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
