"""Told is evidence: what a customer was told, how we know, and which promises that keeps (SPEC, "Told is evidence").

A promise to tell is kept by a telling and by nothing else, from the moment at which it happened. What proves
undeliverable takes it back: the promise runs on as if nobody had been told, somebody has to call, a supervisor signs.
"""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import events
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.choices import Status, ToldHow, Way as By
from complaints.db.row_claims import hold_briefly, no_rows_fault
from complaints.errors import Refused
from complaints.models import Complaint, Customer
from complaints.steps import lifecycle
from followups import clock
from followups.escalation import escalations
from followups.models import Escalation, Notice, Promise, Telling
from followups.models.promise import PromiseKind
from followups.outbox import notices
from followups.policies import telling_calls
from followups.policies.next_due import refresh_next_due
from followups.promises import policy_promises, promises

log = logging.getLogger(__name__)

Way, Evidence, State = Telling.Way, Telling.Evidence, Notice.State
# What a telling is about that no notice carries: a result that was spoken, and that we understood the problem.
RESULT, UNDERSTOOD = "customer_result", "customer_understood"
MESSAGE, ACKNOWLEDGED = "customer_message", "customer_acknowledged"
# What telling the result fulfils.
WITH_RESULT = (PromiseKind.FIRST_CONTACT, PromiseKind.RESOLUTION)
# What telling the decision of an appeal fulfils; the case is archived then, where nothing is upheld.
APPEAL_DECIDED = "customer_appeal_decided"
BATCH = 100
# What the key of a notice ends with that stands in for one that did not arrive.
INSTEAD = ":call"
BY_SMS = Notice.Channel.SMS


def record(
    complaint: Complaint,
    *,
    about: str,
    way: str,
    evidence: str,
    told_at: datetime,
    actor: Actor,
    at: datetime,
    notice: Notice | None = None,
    message_id: int | None = None,
    address: str = "",
    words: str = "",
) -> Telling:
    """Write down that the customer of a (locked) complaint was told at `told_at` (aware), and keep what that keeps.

    `at` is when it is noted. Records the event `told`.
    """
    telling = Telling.objects.create(
        complaint=complaint,
        round=complaint.round,
        notice=notice,
        message_id=message_id,
        about=about,
        way=way,
        evidence=evidence,
        address=address[:254],
        words=words,
        at=told_at,
        noted_at=at,
        by=actor.person,
    )
    data = {"telling": telling.pk, "about": about, "way": way, "evidence": evidence, "told_at": told_at.isoformat()}
    events.record(complaint, EventKind.TOLD, actor=actor, at=at, data=data, public=True)
    _keep_by(complaint, telling, actor=actor, at=at)
    return telling


def settle(notice_id: int, *, at: datetime) -> bool:
    """Draw the consequences of a notice to a customer that was delivered, or could not be; returns whether it had any.

    Locks the complaint. Doing it twice is once.
    """
    with transaction.atomic():
        hold_briefly()
        complaint = lock(Notice.objects.values_list("complaint_id", flat=True).get(pk=notice_id))
        notice = Notice.objects.select_for_update(of=("self",), no_key=True).get(pk=notice_id)
        if notice.settled_at is not None or notice.state not in (State.SENT, State.DEAD):
            return False
        notice.settled_at = at
        notice.save(update_fields=["settled_at"])
        if notice.state == State.SENT:
            record(
                complaint,
                about=notice.event,
                way=Way.SMS if notice.channel == Notice.Channel.SMS else Way.EMAIL,
                evidence=Evidence.DELIVERED if notice.receipt else Evidence.ACCEPTED,
                told_at=notice.sent_at or at,
                actor=SYSTEM,
                at=at,
                notice=notice,
                message_id=notice.data.get("message"),
                address=notice.address,
                words=notice.words,
            )
            _no_call_for(complaint, notice, at=at)
        else:
            fail(complaint, notice, why=notice.last_error, at=at)
    return True


def settle_all() -> int:
    """Settle what no worker came to settle; returns how many. Each in a transaction of its own."""
    waiting = Notice.objects.filter(to_customer=True, settled_at__isnull=True, state__in=[State.SENT, State.DEAD])
    settled = 0
    for notice_id in list(waiting.order_by("id").values_list("pk", flat=True)[:BATCH]):
        try:
            settled += settle(notice_id, at=clock.now())
        except Exception as error:
            if no_rows_fault(error):
                raise
            log.exception("What became of notice %s could not be written down", notice_id)
    return settled


def fail(complaint: Complaint, notice: Notice, *, why: str, at: datetime) -> None:
    """What was to be told did not arrive, whenever that proves: refused for good, or returned days later.

    `complaint` is locked. What was kept by it runs on, its result counts as not told, somebody has to call, and a
    supervisor signs.
    """
    data = {"notice": notice.pk, "about": notice.event, "why": why[:300]}
    events.record(complaint, EventKind.TELLING_FAILED, actor=SYSTEM, at=at, data=data)
    customer = complaint.customer
    if customer is not None and notice.blames_address:
        _blame(customer, notice, at)
    for telling in notice.tellings.select_for_update(no_key=True).filter(undone_at=None):
        _take_back(complaint, telling, why=why or str(State.DEAD.label), at=at)
    _say_instead(complaint, notice, at=at)
    escalations.escalate(complaint, reason=Escalation.Reason.UNTOLD, key=f"untold:{notice.pk}", at=at, note=why[:200])
    message = notice.data.get("message")
    if complaint.status == Status.RESOLVED and message is not None and message == _result_message(complaint):
        lifecycle.perform(complaint.pk, "untell", actor=SYSTEM, at=at, data={"reason": why})
        complaint.refresh_from_db()


def tell_result_by(complaint: Complaint, message_id: int | None, *, actor: Actor, at: datetime) -> None:
    """The result of a (locked) complaint is told by a message: if that has arrived already, it keeps what it keeps."""
    for telling in complaint.tellings.filter(message=message_id, undone_at=None) if message_id else ():
        _keep_by(complaint, telling, actor=actor, at=at)


def _blame(customer: Customer, notice: Notice, at: datetime) -> None:
    """Nothing more is sent to an address, or texted to a number, at which nothing arrives."""
    customer.refresh_from_db(fields=["phone", "sms_failed_at", "email", "email_failed_at"])
    since = "sms_failed_at" if notice.channel == BY_SMS else "email_failed_at"
    if _address(customer, notice.channel) == notice.address and getattr(customer, since) is None:
        setattr(customer, since, at)
        customer.save(update_fields=[since])


def _say_instead(complaint: Complaint, notice: Notice, *, at: datetime) -> None:
    """The same again by the next way that works, once; what stood in for another already becomes a call."""
    what = notice.key.removesuffix(":customer")
    without = [By.SMS, By.EMAIL] if what.endswith(INSTEAD) else []
    if notice.address == _address(complaint.customer, notice.channel):
        without.append(By(notice.channel))
    key, data = what + INSTEAD, notice.data
    notices.tell_customer(complaint, notice.event, key=key, data=data, at=at, without=without)


def _address(customer: Customer | None, channel: str) -> str:
    """What is known of the customer today, whether it works or not."""
    if customer is None:
        return ""
    return customer.sms_number if channel == BY_SMS else customer.email


def _no_call_for(complaint: Complaint, notice: Notice, *, at: datetime) -> None:
    """A message that failed and was sent again after all need not be said any more."""
    what = notice.key.removesuffix(":customer")
    instead = [f"{what}{INSTEAD}:customer", f"{what}{INSTEAD}{INSTEAD}:customer"]
    ended = (
        telling_calls.to_say(complaint)
        .filter(key__in=instead)
        .update(state=State.DROPPED, dropped_because=Notice.Dropped.OVER)
    )
    if ended:
        end_call_if_all_said(complaint, told_at=at, actor=SYSTEM, at=at)


def _take_back(complaint: Complaint, telling: Telling, *, why: str, at: datetime) -> None:
    telling.undone_at, telling.undone_because = at, why[:300]
    telling.save(update_fields=["undone_at", "undone_because"])
    data = {"telling": telling.pk, "about": telling.about, "why": telling.undone_because}
    events.record(complaint, EventKind.TELLING_UNDONE, actor=SYSTEM, at=at, data=data)
    kept = list(telling.kept.select_for_update(no_key=True).filter(state=Promise.State.KEPT))
    for promise in kept:
        if complaint.is_archived and promise.kind != PromiseKind.APPEAL:
            continue
        promise.state, promise.kept_at, promise.settled_at, promise.kept_by = Promise.State.OPEN, None, None, None
        promise.save(update_fields=["state", "kept_at", "settled_at", "kept_by"])
        events.record(complaint, EventKind.PROMISE_REOPENED, actor=SYSTEM, at=at, data=promise.said())
    telling.kept.update(kept_at=None, kept_by=None)
    # What another telling says as well stays told.
    for other in complaint.tellings.filter(undone_at=None, round=complaint.round).order_by("at", "id"):
        _keep_by(complaint, other, actor=SYSTEM, at=at)
    refresh_next_due(complaint)


def _keep_by(complaint: Complaint, telling: Telling, *, actor: Actor, at: datetime) -> None:
    """Keep what was promised and is fulfilled by this telling."""
    keep = partial(policy_promises.keep_told, complaint, told_at=telling.at, actor=actor, at=at, kept_by=telling)
    # That we have it is no contact, by whichever way it was said.
    spoken = telling.evidence == Evidence.SPOKEN and telling.about != ACKNOWLEDGED
    if telling.about == MESSAGE or spoken:
        keep([PromiseKind.FIRST_CONTACT])
    if telling.about == MESSAGE:
        # Not the promise to tell a new date for something: any message would do for that.
        keep([PromiseKind.REPLY], by_policy_only=True, in_words_too=False)
    if telling.about == APPEAL_DECIDED:
        keep([PromiseKind.APPEAL])
    if _carries_result(complaint, telling):
        # Asked before the step: it says anew how the result was told.
        if complaint.status == Status.ASSIGNED:
            _resolve_after_all(complaint, telling)
        keep(WITH_RESULT)
        keep([PromiseKind.REPLY], by_policy_only=True)


def _carries_result(complaint: Complaint, telling: Telling) -> bool:
    if telling.round != complaint.round:
        return False
    if telling.about == RESULT:
        return True
    return telling.message_id is not None and telling.message_id == _result_message(complaint)


def _result_message(complaint: Complaint) -> int | None:
    """The message that told, or was to tell, the result of this round."""
    resolved = (
        complaint.events.filter(kind=EventKind.RESOLVED, data__round=complaint.round).order_by("-number").first()
    )
    return resolved.data.get("message") if resolved is not None else None


def _resolve_after_all(complaint: Complaint, telling: Telling) -> None:
    """The result that had not arrived is told now: the case goes on where it stood."""
    data: dict[str, Any] = {"told_how": ToldHow.PHONE if telling.way == Way.PHONE else ToldHow.IN_PERSON}
    data |= {"told_at": telling.at, "told_note": telling.words or _("The result, as it was written.")}
    try:
        lifecycle.perform(complaint.pk, "resolve", actor=SYSTEM, at=telling.noted_at, data=data)
    except Refused as refused:
        log.info("The result of complaint %s is told, its step is not: %s", complaint.pk, refused)
    complaint.refresh_from_db()


def another_way(complaint: Complaint, *, at: datetime) -> None:
    """How the customer of a (locked) complaint is reached has changed: what was to be said is written, if it can be.

    What was to be mailed and cannot be any more fails at delivery, and becomes a call.
    """
    if complaint.customer is None or complaint.wishes_no_contact:
        return
    for notice in telling_calls.to_say(complaint):
        _by_way_of_today(complaint, notice, at)
    end_call_if_all_said(complaint, told_at=at, actor=SYSTEM, at=at)


def another_choice(complaint: Complaint, *, at: datetime) -> None:
    """The customer of a (locked) complaint chose another way: what waits goes by it, to be sent or to be said."""
    if complaint.customer is None or complaint.wishes_no_contact:
        return
    waiting = Notice.objects.filter(complaint=complaint, to_customer=True, state=State.QUEUED).order_by("id")
    telling_calls.owe(complaint, [_by_way_of_today(complaint, notice, at) for notice in waiting], at=at)


def _by_way_of_today(complaint: Complaint, notice: Notice, at: datetime) -> Notice:
    """Let a notice that waits go by the way that is the customer's now."""
    way = notices.way_of(complaint, notice.event, at=at)
    held = Notice.objects.filter(pk=notice.pk, state=notice.state)
    if way["channel"] == notice.channel:
        held.update(address=way["address"])
    elif held.update(**way, attempts=0):
        notice.state = way["state"]
    return notice


def end_call_if_all_said(complaint: Complaint, *, told_at: datetime, actor: Actor, at: datetime) -> None:
    """The duty to call the customer of a (locked) complaint ends with the last thing to say."""
    if telling_calls.to_say(complaint).exists():
        return
    if complaint.tellings.filter(noted_at=at, undone_at=None).exists():
        policy_promises.keep_told(complaint, [PromiseKind.TELL], told_at=told_at, actor=actor, at=at)
    for promise in complaint.promises.filter(kind=PromiseKind.TELL, state=Promise.State.OPEN):
        promises.withdraw_on(complaint, promise, because="told", actor=SYSTEM, at=at)
