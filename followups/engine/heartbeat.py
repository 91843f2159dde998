"""When a part of the engine last did its work, by the database's clock. Readiness and the guard look here."""

import os
import socket

from django.db import connection

# Surplus messages of beat must cost next to nothing: a heartbeat fresher than this is left alone.
BEAT = """
INSERT INTO followups_heartbeat AS h (name, at, by) VALUES (%s, clock_timestamp(), %s)
ON CONFLICT (name) DO UPDATE SET at = excluded.at, by = excluded.by
WHERE h.at < excluded.at - interval '300 milliseconds'
"""
AGE = "SELECT extract(epoch FROM clock_timestamp() - at) FROM followups_heartbeat WHERE name = %s"


def beat(name: str) -> None:
    """Say that `name` ("sweep", "deliver", "guard") has just worked."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [name, f"{socket.gethostname()}:{os.getpid()}"[:80]])


def age(name: str) -> float | None:
    """The seconds since the last heartbeat of `name`; None when there was none."""
    with connection.cursor() as cursor:
        cursor.execute(AGE, [name])
        row = cursor.fetchone()
    return float(row[0]) if row else None
