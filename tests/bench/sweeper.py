"""python -m tests.bench.sweeper: for each line on standard input, lets 100 promises fall due and times one sweep."""

import sys
import time

import django

DUE = 100
# The same rows each time, as if moved: a new cycle, so that everything is written anew.
LET_FALL_DUE = """
UPDATE followups_promise SET state = 'open', settled_at = NULL, broken_at = NULL, cycle = cycle + 1,
    warned_at = now(), due_at = clock_timestamp() - interval '1 second'
WHERE id IN (SELECT id FROM followups_promise ORDER BY id LIMIT %s)
"""


def main():
    """Answer each line with the milliseconds of a sweep."""
    django.setup()
    from django.db import connection

    from followups import enforcement

    for _line in sys.stdin:
        with connection.cursor() as cursor:
            cursor.execute(LET_FALL_DUE, [DUE])
        began = time.perf_counter()
        done = enforcement.run(budget_seconds=60)
        taken = time.perf_counter() - began
        if done["broken"] != DUE:
            raise SystemExit(f"{done} instead of {DUE} broken promises")
        print(round(taken * 1000, 1), flush=True)


if __name__ == "__main__":
    main()
