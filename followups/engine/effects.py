"""What happens when a promise's moment has come: effects of many promises, written together.

Called by followups.engine.sweep inside its transaction, with the complaints locked. Each function takes ids,
reads the rows as they are under that lock and acts on those that are still due. `ladder` may be shared by
many batches; it is made where none is given.
"""

from datetime import datetime
from typing import TypeVar

from django.db.models import Case, F, QuerySet, When, prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.case import events
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.db.inserting import insert
from complaints.models import Complaint
from followups.escalation import answering, escalations, reviewing
from followups.escalation.ladder import Ladder, named_in
from followups.models import Callback, Escalation, Notice, Promise
from followups.models.promise import PromiseKind
from followups.outbox import notices
from followups.policies import bulk_events, telling_calls
from followups.policies.policies import Due, due_by, policy_or_own

State = Promise.State
# A promise that broke so often goes to the top at once.
TOP_AFTER = 2
# Long texts that nothing here reads.
UNREAD = tuple(
    f"complaint__{name}"
    for name in ("narrative", "closing_reason", "invalid_reason", "responsibility", "lesson", "source")
)


def break_due(promise_ids: list[int], now: datetime, ladder: Ladder | None = None) -> None:
    """Break those of the promises that are due at `now` (the database's clock): state, event, escalation, notices.

    "At `due_at` a promise not kept is broken: event, escalation, and the customer gets an honest word." The
    moment recorded is the one at which it broke, not the one at which we came by.
    """
    due = _locked(Promise.objects.filter(pk__in=promise_ids, state=State.OPEN, act_at__lte=now))
    if not due:
        return
    complaints = _complaints_of(due)
    # First, so that a row which cannot be written costs little; and before the events: they refresh what lists are
    # sorted by.
    Promise.objects.filter(pk__in=[promise.pk for promise in due]).update(
        state=State.BROKEN,
        broken_at=Case(When(paused_since__isnull=True, then=F("due_at")), default=F("long_stop_at")),
        settled_at=now,
    )
    ladder, named = ladder or Ladder(now), named_in(complaints)
    ladder.learn_handlers(complaints)
    again = {new.follows_id: new for new in _promised_again(due, ladder, now)}
    raised = [
        escalations.build_escalation(
            promise.complaint,
            ladder,
            named[promise.complaint_id],
            reason=Escalation.Reason.OVERDUE,
            key=f"promise:{promise.pk}:{promise.cycle}",
            at=now,
            promise=promise,
            # "处理了4次，还是未解决": what breaks again begins higher up, the third time at the top.
            rung=promise.times_broken if promise.times_broken < TOP_AFTER else -1,
        )
        for promise in due
    ]
    insert(raised)
    written, told = [], []
    quiet = notices.untouched(complaints)
    for promise, escalation in zip(due, raised, strict=True):
        complaint = promise.complaint
        said = promise.said() | ({"long_stop": True} if promise.paused_since else {})
        if promise.pk in again:
            said |= {"again": again[promise.pk].pk, "again_due_at": again[promise.pk].due_at.isoformat()}
        written.append(
            events.build(
                complaint, EventKind.PROMISE_BROKEN, actor=SYSTEM, at=now, data=said, public=promise.to_customer
            )
        )
        written.append(
            events.build(complaint, EventKind.ESCALATED, actor=SYSTEM, at=now, data=escalations.said_of(escalation))
        )
        told += escalations.notices_for(escalation, complaint, ladder, named[complaint.pk], now)
        told += _word_of(promise, again.get(promise.pk), quiet, ladder, escalation, named[complaint.pk], now)
    stored = notices.store(told)
    to_call = [notice.case for notice in stored if notice.state == Notice.State.TO_SAY]
    owed = telling_calls.owed_for(to_call, now, ladder.book)
    insert(owed)
    for promise in owed:
        data = promise.said()
        written.append(events.build(promise.complaint, EventKind.PROMISE_MADE, actor=SYSTEM, at=now, data=data))
    bulk_events.append(written, complaints)


def break_what_is_due(complaint: Complaint, *, at: datetime) -> None:
    """Do to a (locked) complaint that ends what the sweep would do in a moment: no promise escapes by closing."""
    due = list(complaint.promises.filter(state=State.OPEN, act_at__lte=at).values_list("pk", flat=True))
    if due:
        break_due(due, at)
        complaint.refresh_from_db(fields=["event_count", "last_event_hash", "version", "next_due_at"])


def _promised_again(due: list[Promise], ladder: Ladder, now: datetime) -> list[Promise]:
    """A new date in the place of each promise that breaks, stored: no case stands without one, whoever signs.

    What a person promised in words of their own the desk cannot do in their place: it promises to say the new date.
    """
    made = []
    # What breaks in one batch and is alike is promised again for the same moment: reckoned once.
    dates: dict[tuple[object, ...], Due] = {}
    for old in due:
        complaint = old.complaint
        if complaint.is_archived and old.kind not in (PromiseKind.TELL, PromiseKind.APPEAL):
            continue
        times, kind, words = old.times_broken + 1, old.kind, old.words
        if old.made_by_id is not None and kind != PromiseKind.CALLBACK and old.to_customer:
            with translation.override(complaint.language):
                kind, words = PromiseKind.REPLY, _("Tell you a new date: %(promise)s") % {"promise": words}
        alike = (kind, times, complaint.severity, complaint.category_id, complaint.team_id)
        if alike not in dates:
            policy = policy_or_own(complaint, kind, times_broken=times)
            dates[alike] = due_by(policy, start=now, team=complaint.team, book=ladder.book)
        next_due = dates[alike]
        made.append(
            Promise(
                complaint=complaint,
                round=old.round,
                kind=kind,
                words=words[:300],
                to_customer=old.to_customer,
                policy_id=old.policy_id if kind == old.kind else None,
                made_at=now,
                due_at=next_due.due_at,
                warn_at=next_due.warn_at if next_due.warn_at is not None and next_due.warn_at > now else None,
                explanation=next_due.explanation,
                follows_id=old.pk,
                times_broken=times,
            )
        )
    insert(made)
    for new in made:
        if new.kind == PromiseKind.CALLBACK:
            Callback.objects.filter(promise=new.follows_id, state=Callback.State.OPEN).update(promise=new)
    return made


def warn_due(promise_ids: list[int], now: datetime, ladder: Ladder | None = None) -> None:
    """Tell whoever answers for those promises whose warning moment has come; `now` is the database's clock."""
    near = _locked(
        Promise.objects.filter(
            pk__in=promise_ids,
            state=State.OPEN,
            warned_at__isnull=True,
            paused_since__isnull=True,
            warn_at__lte=now,
        )
    )
    if not near:
        return
    complaints = _complaints_of(near)
    ladder, named = ladder or Ladder(now), named_in(complaints)
    ladder.learn_handlers(complaints)
    Promise.objects.filter(pk__in=[promise.pk for promise in near]).update(warned_at=now)
    written, told = [], []
    for promise in near:
        complaint, said = promise.complaint, promise.said()
        written.append(events.build(complaint, EventKind.PROMISE_WARNED, actor=SYSTEM, at=now, data=said))
        key = f"promise:{promise.pk}:{promise.cycle}:warned"
        complaint.named_ids = named[complaint.pk]
        appeal = reviewing.open_appeal(complaint) if promise.kind == PromiseKind.APPEAL else None
        if appeal is not None:
            told += reviewing.notices_for(complaint, appeal, "appeal_due", key=key, data=said, at=now, ladder=ladder)
            continue
        told += answering.tell_whoever_answers(
            complaint, "promise_warned", key=key, data=said, at=now, ladder=ladder, and_above=True
        )
    notices.store(told)
    bulk_events.append(written, complaints)


def climb_due(escalation_ids: list[int], now: datetime, ladder: Ladder | None = None) -> None:
    """Nobody signed in time: the team above is told; at the top the same people are told again."""
    unsigned = _locked(Escalation.objects.filter(pk__in=escalation_ids, signed_at__isnull=True, sign_by__lte=now))
    if not unsigned:
        return
    complaints = _complaints_of(unsigned)
    ladder, named = ladder or Ladder(now), named_in(complaints)
    written, told = [], []
    for escalation in unsigned:
        complaint = escalation.complaint
        passed_by = named[complaint.pk] | escalation.not_for
        rung = ladder.above(complaint, passed_by, escalation.team)
        if rung is None:
            escalation.at_top, escalation.reminders = True, escalation.reminders + 1
        else:
            escalation.team, escalation.at_top = rung.team, rung.top
            escalation.level += 1
        escalation.sign_by = ladder.sign_by(complaint, escalation.team, now)
        if rung is not None:
            data = escalations.said_of(escalation)
            written.append(events.build(complaint, EventKind.ESCALATION_CLIMBED, actor=SYSTEM, at=now, data=data))
        told += escalations.notices_for(escalation, complaint, ladder, passed_by, now)
    Escalation.objects.bulk_update(unsigned, ["team", "level", "at_top", "reminders", "sign_by"])
    notices.store(told)
    bulk_events.append(written, complaints)


def _word_of(
    promise: Promise,
    again: Promise | None,
    quiet: set[int],
    ladder: Ladder,
    escalation: Escalation,
    named: frozenset[int],
    now: datetime,
) -> list[Notice | None]:
    """The word to the handler, unless a supervisor who is told anyway, and the honest one to the customer."""
    complaint, handler = promise.complaint, promise.complaint.handler
    key = f"promise:{promise.pk}:{promise.cycle}:broken"
    data = promise.said() | {"done_at": promise.kept_at.isoformat() if promise.kept_at else None}
    if again is not None:
        data |= {"again": again.pk, "again_due_at": again.due_at.isoformat()}
    told: list[Notice | None] = []
    appeal = reviewing.open_appeal(complaint) if promise.kind == PromiseKind.APPEAL else None
    if appeal is not None:
        told += reviewing.notices_for(complaint, appeal, "appeal_late", key=key, data=data, at=now, ladder=ladder)
        handler = None
    signing = ladder.at(complaint, named, escalation.team)
    at_work = ladder.with_deputy(handler, complaint) if handler and ladder.works_on(handler, complaint) else []
    for person in at_work:
        if person not in signing:
            told.append(
                notices.for_person(
                    person, "promise_broken", complaint=complaint, key=key, data=data, at=now, book=ladder.book
                )
            )
    if promise.to_customer:
        event = "customer_promise_broken"
        told.append(notices.for_customer(complaint, event, key=key, data=data, at=now, quiet=quiet))
    return told


Acted = TypeVar("Acted", Promise, Escalation)


def _locked(rows: QuerySet[Acted]) -> list[Acted]:
    """The rows with all that their effects need, locked after their complaints.

    Those of one complaint share one instance, through which its history is chained. Teams, handlers and customers
    are few beside the rows, so they are read once each and not joined to every row.
    """
    found = list(
        rows.select_for_update(of=("self",), no_key=True).select_related("complaint").defer(*UNREAD).order_by("pk")
    )
    instances: dict[int, Complaint] = {}
    for row in found:
        row.complaint = instances.setdefault(row.complaint_id, row.complaint)
    prefetch_related_objects(list(instances.values()), "team", "handler", "customer")
    return found


def _complaints_of(rows: list[Promise] | list[Escalation]) -> list[Complaint]:
    return list({row.complaint_id: row.complaint for row in rows}.values())
