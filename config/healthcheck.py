"""Asks one part of a desk whether it is well: python -m config.healthcheck web|sweep|deliver|beat|guard

For the container's health check and for the local start. It loads no Django: it runs every few seconds.
Exit status 0 is well, 1 is not.
"""

import contextlib
import http.client
import json
import os
import sys
import urllib.parse

import psycopg2

TOO_OLD_S = 45
PARTS = ("web", "sweep", "deliver", "beat", "guard")


def ask_web(port: int, base_url: str) -> tuple[int, dict[str, object]]:
    """Ask /readyz on this machine, as `base_url`; return status and checks, (0, {}) without an answer."""
    host = urllib.parse.urlsplit(base_url).netloc
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/readyz", headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, {}


def heartbeat_age_s(database_url: str, name: str) -> float | None:
    """Return the seconds since the heartbeat `name`, by the database's clock; None when there was none."""
    question = "SELECT extract(epoch FROM clock_timestamp() - at) FROM followups_heartbeat WHERE name = %s"
    connection = psycopg2.connect(database_url, connect_timeout=5)
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
        status, _checks = ask_web(int(os.environ.get("PORT") or 8000), os.environ["BASE_URL"])
        return 0 if status == 200 else 1
    try:
        age = heartbeat_age_s(os.environ["DATABASE_URL"], part)
    except psycopg2.Error:
        return 1
    return 0 if age is not None and age <= TOO_OLD_S else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
