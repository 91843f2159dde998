"""Promises that cannot be handled: a trigger of the harness refuses to let them break.

Some always fail, some only until the middle of the storm. Neither may hold up any other promise.
"""

import contextlib
import random
from datetime import datetime

from tests.chaos.plan import Plan
from tests.chaos.servers import Servers

CREATE = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.poison (promise_id bigint PRIMARY KEY, chronic boolean NOT NULL, until timestamptz NOT NULL);
CREATE FUNCTION chaos.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF EXISTS (SELECT FROM chaos.poison WHERE promise_id = new.id AND until > clock_timestamp()) THEN
        RAISE EXCEPTION 'poisoned by the harness';
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER poison BEFORE UPDATE ON followups_promise FOR EACH ROW
    WHEN (new.state = 'broken' AND old.state = 'open') EXECUTE FUNCTION chaos.refuse();
"""
# They fall due early, so that those who recover have failed by then and are tried again before the end.
EARLY = "SELECT id FROM followups_promise ORDER BY due_at, id LIMIT %s"
POISON = "INSERT INTO chaos.poison SELECT unnest(%s::bigint[]), %s, 'infinity'"
RECOVER = "UPDATE chaos.poison SET until = %s WHERE NOT chronic"


def prepare(servers: Servers, plan: Plan, dice: random.Random):
    """Lay the trigger, and poison a few promises, two at least, where there are faults at all."""
    with contextlib.closing(servers.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(CREATE)
        if plan.faults:
            cursor.execute(EARLY, [plan.count // 4])
            early = [pk for (pk,) in cursor.fetchall()]
            few = max(2, plan.count // 2000)
            chosen = dice.sample(early, few)
            cursor.execute(POISON, [chosen[: few // 2], True])
            cursor.execute(POISON, [chosen[few // 2 :], False])


def until(servers: Servers, moment: datetime):
    """From `moment` on those that are not chronic can be handled."""
    with contextlib.closing(servers.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(RECOVER, [moment])
