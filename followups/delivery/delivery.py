"""The outbox: delivers notices. At least once, never silently, twice only where a server hid what it did.

A row goes queued → claimed (a lease with a token) → sending (the gate, committed just before the body of the message)
→ sent. The gate also asks whether what the message says is still so and for its reader to know, and goes to the
address of today (notices.truth); if not, the row ends as dropped, with the reason (delivery.dropping).

A worker that dies while a row is claimed has done nothing: when the lease ends the row is
queued again. Only a row that was being sent is ambiguous, and what becomes of it is the channel's rule:

* e-mail is sent again with the same Message-ID, so that mail servers and readers can drop the second copy;
* a text message has no such identity: it is parked as UNCONFIRMED until its receipt comes (delivery.receipts) or a
  person decides.

Notices that wait for a daily summary, or are only shown in the desk, are none of its rows; the summary is
(delivery.digests). Failures are tried again after a pause that doubles, with jitter; refused for good or tried too
often, a row is dead and supervisors see it. Claims and leases use the database's clock only (RELIABILITY,
1.3 and 1.4).
"""

import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet

from complaints.db.row_claims import no_rows_fault
from followups import clock
from followups.clock import DatabaseNow
from followups.delivery import digests, dropping
from followups.delivery.channels import SENDERS, Sender, address_today, compose
from followups.delivery.gate import Gate
from followups.delivery.outcomes import Never, NotNow, OutcomeUnknown
from followups.models import Notice
from followups.notices import truth
from followups.outbox import sms_ready
from followups.telling import records

log = logging.getLogger(__name__)

State = Notice.State
BATCH = 20
LEASE = timedelta(seconds=60)
# With the pauses below the last attempt comes about 19 hours after the first.
MAX_ATTEMPTS = 30
LONGEST_PAUSE_S = 3600
# So many failures of the server in a row, and the rest of the batch is not even tried.
BREAKER = 3
CONFIRM_FOR_S = 60
ON_UNKNOWN: dict[str, Notice.State] = {
    Notice.Channel.EMAIL: State.QUEUED,
    Notice.Channel.SMS: State.UNCONFIRMED,
}


def run(*, budget_seconds: float, pulse: Callable[[], None] = lambda: None) -> Counter[str]:
    """Deliver what is ready until nothing is left, the budget is used up or the other side is down; mail first.

    Returns how many rows ended as sent, dropped, put off, dead or skipped (their lease was lost). `pulse` is called
    after every message, for the heartbeat. Runs outside any transaction: each step commits by itself.
    """
    ends = time.monotonic() + budget_seconds
    total: Counter[str] = Counter()
    try:
        reap()
        digests.write_due()
        for channel in SENDERS:
            total += _run_channel(channel, ends, pulse)
    finally:
        pulse()
    return total


def _run_channel(channel: str, ends: float, pulse: Callable[[], None]) -> Counter[str]:
    total: Counter[str] = Counter()
    sender = SENDERS[channel]()
    try:
        while time.monotonic() < ends and not (channel == Notice.Channel.SMS and _somebody_texts()):
            batch = _claim(channel)
            if not batch:
                break
            done = _deliver_batch(batch, sender, pulse)
            total += done
            if done["untried"]:
                break
    finally:
        sender.close()
    return total


def _somebody_texts() -> bool:
    """Whether another worker has text messages in hand: a provider that hangs must not hold all of them."""
    held = Notice.objects.filter(state__in=[State.CLAIMED, State.SENDING], lease_until__gt=clock.now())
    return held.filter(channel=Notice.Channel.SMS).exists()


def reap() -> None:
    """Take back what workers that are gone had claimed; for what they were sending, follow the channel's rule."""
    free = {"lease_token": None, "lease_until": None}
    with transaction.atomic():
        ended = Notice.objects.filter(
            state__in=[State.CLAIMED, State.SENDING], lease_until__lt=clock.now()
        ).select_for_update(skip_locked=True, no_key=True)
        for notice in ended.only("pk", "state", "channel"):
            rows = Notice.objects.filter(pk=notice.pk)
            if notice.state == State.CLAIMED:
                rows.update(state=State.QUEUED, **free)
            else:
                said = "no answer was recorded before the lease ended"
                rows.update(state=ON_UNKNOWN[notice.channel], last_error=said, **free)


def _claim(channel: str = Notice.Channel.EMAIL) -> list[Notice]:
    """Lease the rows that have been ready for longest; a row that killed workers too often is given up."""
    now = clock.now()
    with transaction.atomic():
        waiting = Notice.objects.filter(state=State.QUEUED, channel=channel, not_before__lte=now)
        ready = waiting.order_by("not_before", "id")
        ids = list(ready.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:BATCH])
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


def _deliver_batch(batch: list[Notice], sender: Sender, pulse: Callable[[], None]) -> Counter[str]:
    done: Counter[str] = Counter()
    down = 0
    for notice in batch:
        if down >= BREAKER:
            _hand_back_untried(notice)
            done["untried"] += 1
            continue
        try:
            end = _attempt(notice, sender)
        except NotNow as error:
            down = down + 1 if error.server else 0
            end = _put_off(notice, str(error), error.wait)
        except OutcomeUnknown as error:
            down += 1
            end = _after_unknown(notice, str(error))
        except Never as error:
            down = 0
            _end(notice, State.DEAD, str(error), blames_address=error.blames_address)
            end = "dead"
            if notice.channel == Notice.Channel.SMS and not error.blames_address:
                log.error("Text message %s was refused, and not because of the number: %s", notice.pk, error)
        else:
            down = 0
        if notice.to_customer and end in ("sent", "dead"):
            _settle(notice)
        done[end] += 1
        pulse()
    return done


def _settle(notice: Notice) -> None:
    """Draw the consequences at once; where that fails the sweep does it (records.settle_all)."""
    try:
        records.settle(notice.pk, at=clock.now())
    except Exception as error:
        if connection.in_atomic_block:
            raise
        log.warning("Notice %s is left to the sweep to be settled: %s", notice.pk, error)


def _attempt(notice: Notice, sender: Sender) -> str:
    """Hand one notice over, to the address of today. Returns what became of it; raises what the sender raises."""
    now = clock.now()
    morning = _quiet_until(notice, now)
    if morning is not None:
        return _wait(notice, morning)
    notice.address, known = address_today(notice, notice.person or notice.case.customer), notice.address
    if not notice.address:
        notice.address = known
        return _without_address(notice)
    message, words = compose(notice, now)
    gate = Gate(notice, words, message.kept)
    if sender.send(message, gate):
        _confirm(notice, message.after)
        return "sent"
    return _held_back(notice, gate)


def _quiet_until(notice: Notice, now: datetime) -> datetime | None:
    if notice.channel != Notice.Channel.SMS:
        return None
    return sms_ready.waits_until(notice.event, notice.case, now)


def _wait(notice: Notice, until: datetime) -> str:
    """Tried again too late in the evening: it waits for the morning, and this was no attempt."""
    free = {"lease_token": None, "lease_until": None}
    _mine(notice).update(state=State.QUEUED, not_before=until, attempts=F("attempts") - 1, **free)
    return "waits"


def _held_back(notice: Notice, gate: Gate) -> str:
    """What becomes of a notice at which the gate said no."""
    if gate.error:
        return _put_off(notice, gate.error)
    if gate.why_not:
        return _drop(notice, gate.why_not)
    if gate.outdated:
        _hand_back_untried(notice)
    return "skipped"


def _drop(notice: Notice, why: str) -> str:
    notice.state = State.CLAIMED
    try:
        return "dropped" if dropping.drop(notice, why, now=clock.now()) else "skipped"
    except OperationalError as error:
        if no_rows_fault(error):
            raise
        return _put_off(notice, str(error))


def _without_address(notice: Notice) -> str:
    """People read it in the desk; a customer was not told, which supervisors see among what could not be delivered."""
    facts = truth.fresh_facts(notice, clock.now())
    why = truth.why_not(notice, facts)
    if why:
        return _drop(notice, why)
    if not notice.to_customer:
        _end(notice, State.SHOWN, "")
        return "shown"
    # Of a desk that sends no text messages any more the number is not to blame.
    blames = notice.channel == Notice.Channel.EMAIL or bool(settings.SMS)
    _end(notice, State.DEAD, "There is no address that works.", blames_address=blames)
    return "dead"


def _confirm(notice: Notice, after: dict[str, str] | None = None) -> None:
    """The server said yes: write it down with `after`, whatever happens to this database session meanwhile.

    Not bound to the lease: even if it was lost, the message is out, and whoever has the row now must not
    send it again.
    """
    ends = time.monotonic() + CONFIRM_FOR_S
    while True:
        try:
            _end(notice, State.SENT, "", **(after or {}))
            return
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() >= ends:
                raise
            connection.close()
            time.sleep(0.1)


def _end(notice: Notice, state: str, error: str, **said: Any) -> None:
    """Neither what is sent nor what its receipt says is taken back; `said` is kept all the same."""
    free = {"lease_token": None, "lease_until": None}
    rows = Notice.objects.filter(pk=notice.pk)
    sent_at = DatabaseNow() if state == State.SENT else None
    ended = rows.exclude(state=State.SENT).filter(receipt="")
    if not ended.update(state=state, sent_at=sent_at, last_error=error[:300], **free, **said) and said:
        rows.update(**said)


def _mine(notice: Notice) -> QuerySet[Notice]:
    return Notice.objects.filter(
        pk=notice.pk, lease_token=notice.lease_token, state__in=[State.CLAIMED, State.SENDING]
    )


def _put_off(notice: Notice, error: str, wait: timedelta | None = None) -> str:
    """Try again after a pause of at least `wait`, unless it was tried often enough. Returns what became of it."""
    if notice.attempts >= MAX_ATTEMPTS:
        _end(notice, State.DEAD, error)
        return "dead"
    pause = min(LONGEST_PAUSE_S, 0.5 * 2**notice.attempts)
    pause *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads the attempts, keeps no secret
    _mine(notice).update(
        state=State.QUEUED,
        not_before=DatabaseNow() + max(wait or timedelta(0), timedelta(seconds=pause)),
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


def _hand_back_untried(notice: Notice) -> None:
    """The server is down: the row waits its turn, and this does not count as an attempt."""
    _mine(notice).update(state=State.QUEUED, attempts=F("attempts") - 1, lease_token=None, lease_until=None)
