"""The outbox: delivers notices. At least once, never silently, twice only where a server hid what it did.

A row goes queued → claimed (a lease with a token) → sending (the gate, committed just before the body of the message)
→ sent. The gate also asks whether what the message says is still so and for its reader to know, and goes to the
address of today (notices.truth); if not, the row ends as dropped, with the reason (delivery.dropping).

A worker that dies while a row is claimed has done nothing: when the lease ends the row is
queued again. Only a row that was being sent is ambiguous, and what becomes of it is the channel's rule:

* e-mail is sent again with the same Message-ID, so that mail servers and readers can drop the second copy;
* a channel without such an identity (text messages, calls) is parked for a person: add it as UNCONFIRMED.

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
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet

from complaints.db.row_claims import no_rows_fault
from followups import clock
from followups.clock import DatabaseNow
from followups.delivery import digests, dropping
from followups.delivery.outgoing import Mailer, Never, NotNow, OutcomeUnknown
from followups.models import Notice
from followups.notices import mails, truth
from followups.notices.kinds import rule_of
from followups.telling import records

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
ON_UNKNOWN: dict[str, Notice.State] = {Notice.Channel.EMAIL: State.QUEUED}


def run(*, budget_seconds: float, pulse: Callable[[], None] = lambda: None) -> Counter[str]:
    """Deliver what is ready until nothing is left, the budget is used up or the mail server is down.

    Returns how many rows ended as sent, dropped, put off, dead or skipped (their lease was lost). `pulse` is called
    after every message, for the heartbeat. Runs outside any transaction: each step commits by itself.
    """
    ends = time.monotonic() + budget_seconds
    total: Counter[str] = Counter()
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


def _claim() -> list[Notice]:
    """Lease the rows that have been ready for longest; a row that killed workers too often is given up."""
    now = clock.now()
    with transaction.atomic():
        ready = Notice.objects.filter(state=State.QUEUED, not_before__lte=now).order_by("not_before", "id")
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


def _deliver_batch(batch: list[Notice], mailer: Mailer, pulse: Callable[[], None]) -> Counter[str]:
    done: Counter[str] = Counter()
    down = 0
    for notice in batch:
        if down >= BREAKER:
            _hand_back_untried(notice)
            done["untried"] += 1
            continue
        try:
            end = _attempt(notice, mailer)
        except NotNow as error:
            down = down + 1 if error.server else 0
            end = _put_off(notice, str(error))
        except OutcomeUnknown as error:
            down += 1
            end = _after_unknown(notice, str(error))
        except Never as error:
            down = 0
            _end(notice, State.DEAD, str(error))
            end = "dead"
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


def _attempt(notice: Notice, mailer: Mailer) -> str:
    """Hand one notice over, to the address of today. Returns what became of it; raises what the mailer raises."""
    address = _address_of(notice)
    if not address:
        return _without_address(notice)
    notice.address = address
    message, words = _compose(notice)
    gate = Gate(notice, words, message.kept)
    if mailer.send(message, gate):
        _confirm(notice)
        return "sent"
    return _held_back(notice, gate)


def _address_of(notice: Notice) -> str:
    """The address of today; "" where none is known, or nothing sent there arrives."""
    if notice.person is not None:
        return notice.person.email
    customer = notice.case.customer
    return customer.email if customer is not None and customer.can_be_written_to else ""


def _compose(notice: Notice) -> tuple[mails.Mail, bool]:
    """The message, and whether it holds words of the case. One that cannot be put into words is put off."""
    try:
        now = clock.now()
        words = not rule_of(notice.event).bare or truth.in_words(notice, truth.fresh_facts(notice, now))
        return mails.compose(notice, now=now, words=words), words
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("Notice %s cannot be put into words", notice.pk)
        raise NotNow(f"{type(error).__name__}: {error}") from error


class Gate:
    """Asked just before the body is sent; yes writes down that it is being sent.

    No when the lease is another's or nearly over, when the notice may not be told now (`why_not`), or when the
    message was made for what is `outdated`: another address, a reader who saw more of the case.
    """

    def __init__(self, notice: Notice, words: bool, kept: dict[str, str]) -> None:
        """`kept` is what the row keeps of the message, `words` whether the message holds words of the case."""
        self.notice, self.words, self.kept = notice, words, kept
        self.why_not, self.outdated, self.error = "", False, ""

    def __call__(self) -> bool:
        try:
            self._ask()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # One notice that cannot be judged must not stop the others, nor go out.
            log.exception("Notice %s cannot be judged", self.notice.pk)
            self.error = f"{type(error).__name__}: {error}"
        return not (self.why_not or self.outdated or self.error) and _begin_sending(self.notice, self.kept)

    def _ask(self) -> None:
        notice = self.notice
        facts = truth.fresh_facts(notice, clock.now())
        self.why_not = truth.why_not(notice, facts)
        if not self.why_not:
            reader = facts.person or facts.complaints[notice.case_id].customer
            too_much = truth.says_too_much(notice, facts, words=self.words)
            self.outdated = too_much or reader is None or reader.email != notice.address


def _begin_sending(notice: Notice, kept: dict[str, str]) -> bool:
    """Say that the body is about to be sent, and `kept` of it; no when the lease is another's, or nearly over."""
    mine = Notice.objects.filter(
        pk=notice.pk,
        lease_token=notice.lease_token,
        state=State.CLAIMED,
        lease_until__gt=DatabaseNow() + MARGIN,
    )
    return mine.update(state=State.SENDING, address=notice.address, **kept) == 1


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
    state = State.DEAD if notice.to_customer else State.SHOWN
    _end(notice, state, "There is no address that works." if notice.to_customer else "")
    return "dead" if notice.to_customer else "shown"


def _confirm(notice: Notice) -> None:
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


def _end(notice: Notice, state: str, error: str) -> None:
    rows = Notice.objects.filter(pk=notice.pk).exclude(state=State.SENT)
    sent_at = DatabaseNow() if state == State.SENT else None
    rows.update(state=state, sent_at=sent_at, last_error=error[:300], lease_token=None, lease_until=None)


def _mine(notice: Notice) -> QuerySet[Notice]:
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


def _hand_back_untried(notice: Notice) -> None:
    """The server is down: the row waits its turn, and this does not count as an attempt."""
    _mine(notice).update(state=State.QUEUED, attempts=F("attempts") - 1, lease_token=None, lease_until=None)
