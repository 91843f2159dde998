import pytest
from django.db import connection


@pytest.fixture
def beating(db, now):
    """Heartbeats of both kinds of worker, of beat and of the guard, one second old by the database's clock."""

    def beat(name: str, seconds_ago: float) -> None:
        at = "clock_timestamp() - %s * interval '1 second'"
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM followups_heartbeat WHERE name = %s", [name])
            cursor.execute(
                f"INSERT INTO followups_heartbeat (name, at, by) VALUES (%s, {at}, '')", [name, seconds_ago]
            )

    for name in ("sweep", "deliver", "beat", "guard"):
        beat(name, 1)
    return beat
