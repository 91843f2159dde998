"""Saying to a customer what no message brings to them: by phone, in person, or with a letter, noted as evidence.

"Saying it is recorded as the telling": what was said is ticked, the rest stays owed. Calls in vain are counted and
move no date; when they are used up a supervisor decides.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import DeskRules, Person
from complaints.case import events, permissions
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.choices import Channel, Way as By
from complaints.conversation import messages
from complaints.db.row_claims import hold_briefly
from complaints.errors import ChangedMeanwhile, GateRefused, Missing, NotAllowedNow
from complaints.models import Complaint, Message
from complaints.queue.worklists import NOT_IN_A_ROW
from complaints.texts import read_text
from complaints.writing.limits import OTHERWISE
from followups import clock
from followups.escalation import escalations
from followups.models import Escalation, Notice, Promise, Telling, TellingTry
from followups.models.promise import PromiseKind
from followups.notices import mails, tellings, truth
from followups.notices.facts import Facts
from followups.policies import telling_calls
from followups.promises import duties
from followups.telling import records
from followups.telling.records import Evidence, Way

# What the customer's page says in so many words. That a promise is taken back, or why a date changed, it does not.
ON_THE_PAGE = frozenset(
    {
        "customer_acknowledged",
        "customer_message",
        "customer_promise_broken",
        "customer_promise_moved",
        "customer_reopened",
        "customer_options",
        "customer_confirm",
        "customer_closed",
        "customer_appeal_received",
        "customer_appeal_review",
        "customer_appeal_decided",
    }
)
BATCH = 100
State, Outcome = Notice.State, TellingTry.Outcome
# Who is written a letter, as a condition on notices (Customer.gets_letters).
BY_LETTER = ~Q(complaint__customer__postal_address="") & (
    Q(complaint__customer__phone="") | Q(complaint__customer__way=By.LETTER)
)
# How it may have been told, and what then proves it.
PROOF = {Way.PHONE: Evidence.SPOKEN, Way.IN_PERSON: Evidence.SPOKEN, Way.LETTER: Evidence.HANDED_OVER}
HEARD_ON = {Way.PHONE: Channel.PHONE, Way.IN_PERSON: Channel.WALK_IN, Way.LETTER: Channel.LETTER}


def said(
    complaint_id: int,
    *,
    notice_ids: Collection[int],
    way: str,
    actor: Actor,
    at: datetime,
    words: str = "",
    posted_at: datetime | None = None,
) -> list[Telling]:
    """The customer was told those notices, just now; returns the tellings, none for what was not true any more.

    `way` is one of PROOF; of a letter that went by post `posted_at` says when (followups.telling.letters.posted
    asks whether that can be). `words` are the customer's, in answer, and go into the conversation. What was said
    already is not said twice. Raises GateRefused when nothing is ticked or the way is none, NotPermitted,
    NotAllowedNow when nothing of it is to be said any more, texts.TooLong.
    """
    words = read_text(words, OTHERWISE)
    with transaction.atomic(), duties.looked_at_once():
        complaint = lock(complaint_id)
        refuse_strangers(complaint, actor)
        missing = [] if way in PROOF else [Missing("way", _("Choose how the customer was told"), hard=True)]
        if not notice_ids:
            missing.append(Missing("said", _("Tick what you said"), hard=True))
        if missing:
            raise GateRefused(missing)
        chosen = (
            telling_calls.to_say(complaint)
            .filter(pk__in=list(notice_ids))
            .select_for_update(of=("self",), no_key=True)
        )
        standing = list(chosen.select_related("complaint__customer", "complaint__team", "complaint__handler"))
        if not standing:
            if _said_by(actor, complaint, notice_ids):
                return []
            raise NotAllowedNow(_("Somebody told the customer meanwhile, or it is not true any more."))
        told = [_tell(complaint, notice, way, actor, at, posted_at) for notice in standing if is_so(notice, at)]
        records.end_call_if_all_said(complaint, told_at=posted_at or at, actor=actor, at=at)
        if words:
            inbound = {"kind": Message.Kind.INBOUND, "body": words, "channel": HEARD_ON[Way(way)]}
            messages.append(complaint, actor=actor, at=at, **inbound)
            messages.resume(complaint, actor=actor, at=at)
    return told


def not_reached(complaint_id: int, *, outcome: str, number: int, actor: Actor, at: datetime) -> TellingTry:
    """Note a call in vain; returns it. `number` is the try that the caller's page showed: sent twice it is once.

    The date stays. After as many as the rules allow, and when the customer refuses, nobody calls any more: what was
    to be said stands on the link, and a supervisor signs. Raises NotPermitted, NotAllowedNow, ChangedMeanwhile.
    """
    with transaction.atomic(), duties.looked_at_once():
        complaint = lock(complaint_id)
        refuse_strangers(complaint, actor)
        made = complaint.telling_tries.count()
        if number <= made:
            held = complaint.telling_tries.filter(number=number).first()
            if held is None or (held.by_id, held.outcome) != (actor.colleague.pk, outcome):
                raise ChangedMeanwhile(complaint.version)
            return held
        if not telling_calls.to_say(complaint).exists():
            raise NotAllowedNow(_("Somebody told the customer meanwhile, or it is not true any more."))
        attempt = TellingTry.objects.create(
            complaint=complaint, number=made + 1, at=at, by=actor.colleague, outcome=Outcome(outcome)
        )
        data = {"number": attempt.number, "outcome": attempt.outcome}
        events.record(complaint, EventKind.TELLING_TRIED, actor=actor, at=at, data=data)
        if outcome == Outcome.REFUSED or attempt.number % DeskRules.current().callback_attempts == 0:
            _give_up(complaint, attempt, at=at)
    return attempt


def read_on_link(complaint: Complaint, *, at: datetime) -> None:
    """The customer of a (locked) complaint answered on their page: they have read what stands there and is true."""
    owed = telling_calls.to_say(complaint).filter(created_at__lt=at, event__in=ON_THE_PAGE)
    standing = list(owed.select_for_update(of=("self",), no_key=True))
    for notice in standing:
        if not is_so(notice, at):
            continue
        notice.state, notice.sent_at, notice.settled_at = State.SAID, at, at
        notice.save(update_fields=["state", "sent_at", "settled_at"])
        records.record(
            complaint,
            about=notice.event,
            way=Way.LINK,
            evidence=Evidence.READ,
            told_at=at,
            actor=SYSTEM,
            at=at,
            notice=notice,
            message_id=notice.data.get("message"),
        )
    if standing:
        records.end_call_if_all_said(complaint, told_at=at, actor=SYSTEM, at=at)


@dataclass
class Call:
    """One customer to be called, and what is to be said to them, in one or more cases; due with the earliest."""

    complaint: Complaint
    due_at: datetime | None
    things: list[str]
    tries: int

    @property
    def why(self) -> str:
        """Why it has to be a call."""
        customer = self.complaint.customer
        if customer is not None and customer.way == By.CALL:
            return _("The customer wants to be called")
        if customer is not None and customer.email_failed_at is not None:
            return _("E-mails to this customer do not arrive")
        if customer is not None and customer.sms_failed_at is not None:
            return _("Text messages to this customer do not arrive")
        return _("No e-mail address")


def call_list(person: Person, *, most: int) -> list[Call]:
    """Whom `person` may call to tell them something, the earliest first; everything for one number is one call.

    Who has no phone but a postal address is written a letter (followups.telling.letters).
    """
    cases = Complaint.objects.visible_to(person)
    due = Promise.objects.filter(complaint=OuterRef("complaint"), kind=PromiseKind.TELL)
    standing = due.filter(state__in=[Promise.State.OPEN, Promise.State.BROKEN]).order_by("-pk").values("due_at")[:1]
    tries = TellingTry.objects.filter(complaint=OuterRef("complaint")).order_by("-number").values("number")[:1]
    rows = (
        Notice.objects.filter(state=State.TO_SAY, complaint__in=cases)
        .exclude(BY_LETTER)
        .select_related("complaint__customer")
        .defer(*(f"complaint__{name}" for name in NOT_IN_A_ROW))
        .annotate(call_by=Subquery(standing), tries=Subquery(tries))
        .order_by("call_by", "id")[:most]
    )
    standing_now = list(rows)
    facts = Facts(standing_now, None, timezone.now())
    calls: dict[str, Call] = {}
    for row in standing_now:
        if truth.why_not(row, facts):
            continue
        customer = row.case.customer
        number = (customer.phone_key if customer is not None else "") or f"case {row.complaint_id}"
        call = calls.setdefault(number, Call(row.case, row.call_by, [], row.tries or 0))
        about = tellings.about_words(row.event)
        if about not in call.things:
            call.things.append(about)
    return list(calls.values())


def end_untrue() -> int:
    """End the calls that are near and have nothing to say that is still true; returns how many."""
    now = clock.now()
    near = Promise.objects.filter(
        kind=PromiseKind.TELL,
        state=Promise.State.OPEN,
        warned_at__isnull=True,
        paused_since__isnull=True,
        warn_at__lte=now,
    )
    ended = 0
    for complaint_id in list(near.order_by("warn_at").values_list("complaint_id", flat=True)[:BATCH]):
        with transaction.atomic():
            hold_briefly()
            complaint = lock(complaint_id)
            standing = telling_calls.to_say(complaint).select_for_update(of=("self",), no_key=True)
            ended += not [notice for notice in standing if is_so(notice, now)]
            records.end_call_if_all_said(complaint, told_at=now, actor=SYSTEM, at=now)
    return ended


def owed_to(person: Person, complaint: Complaint) -> QuerySet[Notice]:
    """Everything to be said to the customer of `complaint` in the cases that `person` may see: one call."""
    cases = Complaint.objects.visible_to(person)
    number = complaint.customer.phone_key if complaint.customer is not None else ""
    same = cases.filter(customer__phone_key=number) if number else cases.filter(pk=complaint.pk)
    rows = Notice.objects.filter(state=State.TO_SAY, complaint__in=same)
    parts = ("complaint__customer", "complaint__team", "complaint__handler")
    return rows.select_related(*parts).order_by("complaint_id", "id")


def _tell(
    complaint: Complaint, notice: Notice, way: str, actor: Actor, at: datetime, posted_at: datetime | None
) -> Telling:
    notice.state, notice.sent_at, notice.settled_at = State.SAID, posted_at or at, at
    if posted_at is None:
        # Of a letter they were settled when it was printed.
        notice.words = mails.spoken_words(notice, at)
    notice.save(update_fields=["state", "sent_at", "settled_at", "words"])
    return records.record(
        complaint,
        about=notice.event,
        way=way,
        evidence=PROOF[Way(way)] if posted_at is None else Evidence.POSTED,
        told_at=posted_at or at,
        actor=actor,
        at=at,
        notice=notice,
        message_id=notice.data.get("message"),
        address=_address(complaint, way),
        words=notice.words,
    )


def _address(complaint: Complaint, way: str) -> str:
    """To which number or address something was told; "" where it needs none."""
    if complaint.customer is None:
        return ""
    return {Way.PHONE: complaint.customer.phone, Way.LETTER: complaint.customer.postal_address}.get(Way(way), "")


def is_so(notice: Notice, at: datetime) -> bool:
    """Whether it is still true; what is not any more is dropped and need not be said."""
    why = truth.why_not(notice, truth.fresh_facts(notice, at))
    if why:
        Notice.objects.filter(pk=notice.pk).update(state=State.DROPPED, dropped_because=why)
    return not why


def _said_by(actor: Actor, complaint: Complaint, notice_ids: Collection[int]) -> bool:
    """Whether the same form came a second time."""
    told = complaint.tellings.filter(notice__in=list(notice_ids), by=actor.person, undone_at=None)
    return told.count() == len(set(notice_ids))


def _give_up(complaint: Complaint, attempt: TellingTry, *, at: datetime) -> None:
    telling_calls.to_say(complaint).update(state=State.DROPPED, dropped_because=Notice.Dropped.UNREACHED)
    records.end_call_if_all_said(complaint, told_at=at, actor=SYSTEM, at=at)
    note = _("Called %(number)d times: %(outcome)s") % {
        "number": attempt.number,
        "outcome": attempt.get_outcome_display(),
    }
    key = f"unreached:{complaint.pk}:{attempt.number}"
    escalations.escalate(complaint, reason=Escalation.Reason.UNTOLD, key=key, at=at, note=note)


def refuse_strangers(complaint: Complaint, actor: Actor) -> None:
    words = _("Your role does not include talking to customers.")
    refuse_without(permissions.CALL_CUSTOMER, actor.person, complaint, words)
