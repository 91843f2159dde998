"""The sweep: sends replies and links, breaks promises that are due, warns of those soon due, lets escalations climb.

Rows are the truth and the database's clock is the only clock. A batch claims due rows by locking their
complaints with SKIP LOCKED, so that any number of sweeps share the work and a person who acts on a complaint
at that moment wins or waits, never deadlocks; the due row is locked with it, so that one which another sweep has
just handled is not claimed again. State, events, escalations and notices commit together, under
unique keys. The claims read one partial index each, up to `now`: the cost grows with what is due, not with
what is open (DESIGN, "Time"; RELIABILITY, 1.3).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from complaints.conversation import undo_send
from complaints.customer import new_links
from complaints.db.row_claims import hold_briefly, no_rows_fault
from complaints.models import Complaint
from followups import clock
from followups.engine import effects, stuck
from followups.escalation.ladder import Ladder
from followups.models import Escalation, Promise
from followups.telling import records, saying

log = logging.getLogger(__name__)

BATCH = 100
LONGEST_PAUSE = timedelta(hours=1)
CLAIM = """
SELECT due.id, {failed} FROM {table} AS due JOIN complaints_complaint AS c ON c.id = due.complaint_id
WHERE {condition} AND due.{moment} <= %s
ORDER BY due.{moment}, due.id LIMIT %s
FOR NO KEY UPDATE OF c, due SKIP LOCKED
"""
CLAIM_COMPLAINTS = """
SELECT id, false FROM complaints_complaint WHERE stuck_check_at <= %s
ORDER BY stuck_check_at, id LIMIT %s
FOR NO KEY UPDATE SKIP LOCKED
"""


@dataclass(frozen=True)
class Duty:
    """One thing that the sweep does: which rows it claims, what becomes of them, and of those that fail."""

    name: str
    claim: str
    act: Callable[[list[int], datetime, Ladder], None]
    put_off: Callable[[int, str, datetime], None]


def enforce_batch(limit: int = BATCH) -> int:
    """Break up to `limit` promises that are due; returns how many rows were handled, 0 when none is left."""
    return _carry_out(BREAK, limit, _ladder())


def enforce_one() -> bool:
    """Break the promise that has been due for longest; returns whether there was one."""
    return enforce_batch(1) == 1


def warn_batch(limit: int = BATCH) -> int:
    """Warn the owners of up to `limit` promises; returns how many rows were handled."""
    return _carry_out(WARN, limit, _ladder())


def climb_batch(limit: int = BATCH) -> int:
    """Let up to `limit` unsigned escalations climb; returns how many rows were handled."""
    return _carry_out(CLIMB, limit, _ladder())


def stuck_batch(limit: int = BATCH) -> int:
    """Look at up to `limit` cases in which nothing happened for long; returns how many rows were handled."""
    return _carry_out(STUCK, limit, _ladder())


def run(*, budget_seconds: float, pulse: Callable[[], None] = lambda: None) -> dict[str, int]:
    """Sweep until nothing is due or the budget is used up; returns how many rows each duty handled.

    `pulse` is called after every batch, for the heartbeat. Replies that waited to be sent go first, because
    they keep promises; then broken promises: a warning that is late is a smaller evil. Who supervises
    whom, and the hours of teams, are read once for the whole run.
    """
    ends = time.monotonic() + budget_seconds
    # What a mail server took, or refused, counts before anything breaks.
    handled = {"sent": undo_send.send_due(clock.now()), "settled": records.settle_all()}
    handled["links"] = new_links.answer_asked(clock.now())
    handled |= {"untrue": saying.end_untrue()} | {duty.name: 0 for duty in DUTIES}
    ladder = _ladder()
    for duty in DUTIES:
        while time.monotonic() < ends:
            count = _carry_out(duty, BATCH, ladder)
            pulse()
            handled[duty.name] += count
            if count < BATCH:
                break
    return handled


def _ladder() -> Ladder:
    return Ladder(clock.now())


def _carry_out(duty: Duty, limit: int, ladder: Ladder) -> int:
    now = clock.now()
    with transaction.atomic():
        hold_briefly()
        with connection.cursor() as cursor:
            cursor.execute(duty.claim, [now, limit])
            claimed = cursor.fetchall()
        # What failed before is tried apart: it would cost a hundred others their first try.
        for again in (False, True):
            ids = [pk for pk, failed in claimed if failed == again]
            if ids:
                _isolated(duty, ids, now, ladder)
    return len(claimed)


def _isolated(duty: Duty, ids: list[int], now: datetime, ladder: Ladder) -> None:
    """Act on all rows at once; where that fails, on each half, until a bad row stands alone and is put off."""
    try:
        with transaction.atomic():
            duty.act(ids, now, ladder)
        return
    except Exception as error:
        if no_rows_fault(error):
            raise
        if len(ids) == 1:
            log.exception("Row %s of %s could not be handled and is put off", ids[0], duty.name)
            _put_off(duty, ids[0], f"{type(error).__name__}: {error}"[:300], now)
            return
    middle = len(ids) // 2
    _isolated(duty, ids[:middle], now, ladder)
    _isolated(duty, ids[middle:], now, ladder)


def _put_off(duty: Duty, pk: int, error: str, now: datetime) -> None:
    """Let a failing row rest. One that cannot even be written to must not undo what became of the others."""
    try:
        with transaction.atomic():
            duty.put_off(pk, error, now)
    except Exception as failure:
        if no_rows_fault(failure):
            raise
        log.exception("Row %s of %s could not be put off", pk, duty.name)


def _pause_after(failures: int) -> timedelta:
    """How long a row rests after it failed for the `failures`-th time: 5 s, doubled up to an hour."""
    return min(LONGEST_PAUSE, timedelta(seconds=5 * 2.0 ** min(failures - 1, 12)))


def _put_off_breaking(pk: int, error: str, now: datetime) -> None:
    failures = Promise.objects.values_list("failures", flat=True).get(pk=pk) + 1
    Promise.objects.filter(pk=pk).update(failures=failures, last_error=error, not_before=now + _pause_after(failures))


def _put_off_warning(pk: int, error: str, now: datetime) -> None:
    """A warning is given up: it must not delay what happens when the promise is due."""
    Promise.objects.filter(pk=pk).update(warned_at=now, last_error=error)


def _put_off_climbing(pk: int, _error: str, now: datetime) -> None:
    Escalation.objects.filter(pk=pk).update(sign_by=now + LONGEST_PAUSE)


def _put_off_looking(pk: int, _error: str, now: datetime) -> None:
    Complaint.objects.filter(pk=pk).update(stuck_check_at=now + LONGEST_PAUSE)


def _claim(table: str, condition: str, moment: str, *, failed: str = "false") -> str:
    """The claim of a duty; `failed` says which of its rows failed before."""
    return CLAIM.format(table=table, condition=condition, moment=moment, failed=failed)


BREAK = Duty(
    "broken",
    _claim("followups_promise", "due.state = 'open'", "act_at", failed="due.failures > 0"),
    effects.break_due,
    _put_off_breaking,
)
WARN = Duty(
    "warned",
    _claim(
        "followups_promise",
        "due.state = 'open' AND due.warned_at IS NULL AND due.paused_since IS NULL",
        "warn_at",
    ),
    effects.warn_due,
    _put_off_warning,
)
CLIMB = Duty(
    "climbed",
    _claim("followups_escalation", "due.signed_at IS NULL", "sign_by"),
    effects.climb_due,
    _put_off_climbing,
)
STUCK = Duty("stuck", CLAIM_COMPLAINTS, stuck.raise_due, _put_off_looking)
DUTIES = (BREAK, WARN, CLIMB, STUCK)
