"""The outbox: delivers notices. At least once, never silently, twice only where a server hid what it did.

A row goes queued → claimed (a lease with a token) → sending (the gate, committed just before the body of
the message) → sent. A worker that dies while a row is claimed has done nothing: when the lease ends the row is
queued again. Only a row that was being sent is ambiguous, and what becomes of it is the channel's rule:

* e-mail is sent again with the same Message-ID, so that mail servers and readers can drop the second copy;
* a channel without such an identity (text messages, calls) is parked for a person: add it as UNCONFIRMED.

Notices that wait for a daily summary, or that are only shown in the desk, are none of its rows; the summary is
(followups.digests).

Failures are tried again after a pause that doubles, with jitter; for good refused or tried too often, a row is
dead and supervisors see it. Claims and leases use the database's clock only (RELIABILITY, 1.3 and 1.4).
"""

import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from complaints import events
from complaints.actors import Actor
from complaints.errors import NotAllowedNow
from complaints.locking import lock
from followups import clock, digests, mails
from followups.clock import DatabaseNow
from followups.models import Notice
from followups.outgoing import Mailer, Never, NotNow, OutcomeUnknown

log = logging.getLogger(__name__)

State = Notice.State
BATCH = 20
LEASE = timedelta(seconds=60)
# What must be left of a lease before the body is sent: longer than the server is waited for.
MARGIN = timedelta(seconds=25)
# With the pauses below the last attempt comes about 19 hours after the first.
MAX_ATTEMPTS = 30
LONGEST_PAUSE_S = 3600
# So many failures of the server in a row, and the rest of the batch is not even tried.
BREAKER = 3
CONFIRM_FOR_S = 60
ON_UNKNOWN = {Notice.Channel.EMAIL: State.QUEUED}


def run(*, budget_seconds: float, pulse: Callable[[], None] = lambda: None) -> Counter:
    """Deliver what is ready until nothing is left, the budget is used up or the mail server is down.

    Returns how many rows ended as sent, put off, dead or skipped (their lease was lost). `pulse` is called after
    every message, for the heartbeat. Runs outside any transaction: each step commits by itself.
    """
    ends = time.monotonic() + budget_seconds
    total: Counter = Counter()
    mailer = Mailer()
    try:
        reap()
        digests.write_due()
        while time.monotonic() < ends:
            batch = _claim()
            if not batch:
                break
            done = _deliver_batch(batch, mailer, pulse)
            total += done
            if done["untried"]:
                break
    finally:
        mailer.close()
        pulse()
    return total


def reap():
    """Take back what workers that are gone had claimed; for what they were sending, follow the channel's rule."""
    free = {"lease_token": None, "lease_until": None}
    with transaction.atomic():
        ended = Notice.objects.filter(
            state__in=[State.CLAIMED, State.SENDING], lease_until__lt=clock.now()
        ).select_for_update(skip_locked=True)
        for notice in ended.only("pk", "state", "channel"):
            rows = Notice.objects.filter(pk=notice.pk)
            if notice.state == State.CLAIMED:
                rows.update(state=State.QUEUED, **free)
            else:
                said = "no answer was recorded before the lease ended"
                rows.update(state=ON_UNKNOWN[notice.channel], last_error=said, **free)


def retry(notice_id: int, *, actor: Actor, at) -> Notice:
    """A supervisor puts a notice that failed back into the outbox, to the address known today.

    Raises Notice.DoesNotExist, NotAllowedNow when it did not fail.
    """
    with transaction.atomic():
        complaint = lock(Notice.objects.values_list("complaint_id", flat=True).get(pk=notice_id))
        notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice_id)
        if notice.state not in (State.DEAD, State.UNCONFIRMED):
            raise NotAllowedNow(_("This message is not among those that failed."))
        known = notice.person if notice.person is not None else complaint.customer
        notice.address = known.email or notice.address
        notice.state, notice.attempts, notice.not_before = State.QUEUED, 0, at
        notice.save(update_fields=["address", "state", "attempts", "not_before"])
        data = {"notice": notice.pk, "event": notice.event}
        events.record(complaint, "notice_retried", actor=actor, at=at, data=data)
    return notice


def _claim() -> list[Notice]:
    """Lease the rows that have been ready for longest; a row that killed workers too often is given up."""
    now = clock.now()
    with transaction.atomic():
        ready = Notice.objects.filter(state=State.QUEUED, not_before__lte=now).order_by("not_before", "id")
        ids = list(ready.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        rows = Notice.objects.filter(pk__in=ids)
        rows.filter(attempts__gte=MAX_ATTEMPTS).update(state=State.DEAD)
        token = uuid.uuid4()
        rows.filter(attempts__lt=MAX_ATTEMPTS).update(
            state=State.CLAIMED,
            lease_token=token,
            lease_until=DatabaseNow() + LEASE,
            attempts=F("attempts") + 1,
        )
    claimed = Notice.objects.filter(pk__in=ids, lease_token=token)
    parts = ("person", "complaint__customer", "complaint__team", "complaint__handler")
    return list(claimed.select_related(*parts).order_by("not_before", "id"))


def _deliver_batch(batch: list[Notice], mailer: Mailer, pulse: Callable[[], None]) -> Counter:
    done: Counter = Counter()
    down = 0
    for notice in batch:
        if down >= BREAKER:
            _hand_back_untried(notice)
            done["untried"] += 1
            continue
        try:
            sent = mailer.send(_compose(notice), lambda notice=notice: _gate(notice))
        except NotNow as error:
            down = down + 1 if error.server else 0
            done[_put_off(notice, str(error))] += 1
        except OutcomeUnknown as error:
            down += 1
            done[_after_unknown(notice, str(error))] += 1
        except Never as error:
            down = 0
            _end(notice, State.DEAD, str(error))
            done["dead"] += 1
        else:
            down = 0
            if sent:
                _confirm(notice)
            done["sent" if sent else "skipped"] += 1
        pulse()
    return done


def _compose(notice: Notice):
    """The message. A notice that cannot be put into words is put off like one that cannot be sent."""
    try:
        return mails.compose(notice, now=clock.now())
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("Notice %s cannot be put into words", notice.pk)
        raise NotNow(f"{type(error).__name__}: {error}") from error


def _gate(notice: Notice) -> bool:
    """Say that the body is about to be sent; no when the lease is another's, or nearly over."""
    mine = Notice.objects.filter(
        pk=notice.pk,
        lease_token=notice.lease_token,
        state=State.CLAIMED,
        lease_until__gt=DatabaseNow() + MARGIN,
    )
    return mine.update(state=State.SENDING) == 1


def _confirm(notice: Notice):
    """The server said yes: write it down, whatever happens to this database session meanwhile.

    Not bound to the lease: even if it was lost, the message is out, and whoever has the row now must not
    send it again.
    """
    ends = time.monotonic() + CONFIRM_FOR_S
    while True:
        try:
            _end(notice, State.SENT, "")
            return
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() >= ends:
                raise
            connection.close()
            time.sleep(0.1)


def _end(notice: Notice, state: str, error: str):
    rows = Notice.objects.filter(pk=notice.pk).exclude(state=State.SENT)
    sent_at = DatabaseNow() if state == State.SENT else None
    rows.update(state=state, sent_at=sent_at, last_error=error[:300], lease_token=None, lease_until=None)


def _mine(notice: Notice):
    return Notice.objects.filter(
        pk=notice.pk, lease_token=notice.lease_token, state__in=[State.CLAIMED, State.SENDING]
    )


def _put_off(notice: Notice, error: str) -> str:
    """Try again after a pause, unless it was tried often enough. Returns what became of it."""
    if notice.attempts >= MAX_ATTEMPTS:
        _end(notice, State.DEAD, error)
        return "dead"
    pause = min(LONGEST_PAUSE_S, 0.5 * 2**notice.attempts)
    pause *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads the attempts, keeps no secret
    _mine(notice).update(
        state=State.QUEUED,
        not_before=DatabaseNow() + timedelta(seconds=pause),
        last_error=error[:300],
        lease_token=None,
        lease_until=None,
    )
    return "put off"


def _after_unknown(notice: Notice, error: str) -> str:
    """The channel's rule for an outcome that nobody knows."""
    if ON_UNKNOWN[notice.channel] == State.QUEUED:
        return _put_off(notice, error)
    _mine(notice).update(state=State.UNCONFIRMED, last_error=error[:300], lease_token=None, lease_until=None)
    return "unconfirmed"


def _hand_back_untried(notice: Notice):
    """The server is down: the row waits its turn, and this does not count as an attempt."""
    _mine(notice).update(state=State.QUEUED, attempts=F("attempts") - 1, lease_token=None, lease_until=None)
