"""python -m tests.bench.sweeper: for each number it reads it lets so many promises fall due, and times one sweep."""

import sys
import time

import django

# The same rows each time, as if moved: a new cycle, so that everything is written anew.
LET_FALL_DUE = """
UPDATE followups_promise SET state = 'open', settled_at = NULL, broken_at = NULL, cycle = cycle + 1, failures = 0,
    not_before = NULL, warned_at = now(), due_at = clock_timestamp() - interval '1 second'
WHERE id IN (SELECT id FROM followups_promise ORDER BY id LIMIT %s)
"""


def main():
    """Answer each line with the milliseconds of a sweep."""
    django.setup()
    from django.db import connection

    from followups.engine import sweep

    for line in sys.stdin:
        due = int(line)
        with connection.cursor() as cursor:
            cursor.execute(LET_FALL_DUE, [due])
        began = time.perf_counter()
        done = sweep.run(budget_seconds=120)
        taken = time.perf_counter() - began
        # Those that failed are tried again where the sweep takes longer than they rest.
        if done["broken"] < due:
            raise SystemExit(f"{done} instead of {due} promises handled")
        print(round(taken * 1000, 1), flush=True)


if __name__ == "__main__":
    main()
