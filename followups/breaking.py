"""What happens when a promise's moment has come: effects of many promises, written together.

Called by followups.enforcement inside its transaction, with the complaints locked. Each function takes ids,
reads the rows as they are under that lock and acts on those that are still due. `ladder` may be shared by
many batches; it is made where none is given.
"""

from datetime import datetime

from django.db.models import Case, F, QuerySet, When

from complaints import events
from complaints.actors import SYSTEM
from complaints.models import Complaint
from followups import escalations, history, notices
from followups.ladder import Ladder, named_in
from followups.models import Escalation, Notice, Promise
from followups.promises import said_of

State = Promise.State
# Long texts that nothing here reads.
UNREAD = tuple(
    f"complaint__{name}"
    for name in ("narrative", "closing_reason", "invalid_reason", "responsibility", "lesson", "source")
)


def break_due(promise_ids: list[int], now: datetime, ladder: Ladder | None = None):
    """Break those of the promises that are due at `now` (the database's clock): state, event, escalation, notices.

    "At `due_at` a promise not kept is broken: event, escalation, and the customer gets an honest word." The
    moment recorded is the one at which it broke, not the one at which we came by.
    """
    due = _shared(_locked(Promise.objects.filter(pk__in=promise_ids, state=State.OPEN, act_at__lte=now)))
    if not due:
        return
    complaints = _complaints_of(due)
    ladder, named = ladder or Ladder(now), named_in(complaints)
    raised = [
        escalations.new(
            promise.complaint,
            ladder,
            named[promise.complaint_id],
            reason=Escalation.Reason.OVERDUE,
            key=f"promise:{promise.pk}:{promise.cycle}",
            at=now,
            promise=promise,
        )
        for promise in due
    ]
    Escalation.objects.bulk_create(raised)
    # Written before the events: they refresh what lists are sorted by.
    Promise.objects.filter(pk__in=[promise.pk for promise in due]).update(
        state=State.BROKEN,
        broken_at=Case(When(paused_since__isnull=True, then=F("due_at")), default=F("long_stop_at")),
        settled_at=now,
    )
    written, told = [], []
    quiet = notices.untouched(complaints)
    for promise, escalation in zip(due, raised, strict=True):
        complaint = promise.complaint
        said = said_of(promise) | ({"long_stop": True} if promise.paused_since else {})
        written.append(
            events.build(complaint, "promise_broken", actor=SYSTEM, at=now, data=said, public=promise.to_customer)
        )
        written.append(
            events.build(complaint, "escalated", actor=SYSTEM, at=now, data=escalations.said_of(escalation))
        )
        told += escalations.notices_for(escalation, complaint, ladder, named[complaint.pk], now)
        told += _word_of(promise, quiet, ladder, escalation, named[complaint.pk], now)
    notices.store(told)
    history.append(written, complaints)


def warn_due(promise_ids: list[int], now: datetime, ladder: Ladder | None = None):
    """Tell the owners of those promises whose warning moment has come; `now` is the database's clock."""
    near = _shared(
        _locked(
            Promise.objects.filter(
                pk__in=promise_ids,
                state=State.OPEN,
                warned_at__isnull=True,
                paused_since__isnull=True,
                warn_at__lte=now,
            )
        )
    )
    if not near:
        return
    complaints = _complaints_of(near)
    ladder, named = ladder or Ladder(now), named_in(complaints)
    Promise.objects.filter(pk__in=[promise.pk for promise in near]).update(warned_at=now)
    written, told = [], []
    for promise in near:
        complaint, said = promise.complaint, said_of(promise)
        written.append(events.build(complaint, "promise_warned", actor=SYSTEM, at=now, data=said))
        handler = complaint.handler
        owners = ladder.with_deputy(handler, complaint) if handler is not None and handler.is_active else None
        for person in owners or ladder.rungs(complaint, named[complaint.pk])[0].people:
            key = f"promise:{promise.pk}:{promise.cycle}:warned"
            told.append(
                notices.for_person(
                    person, "promise_warned", complaint=complaint, key=key, data=said, at=now, book=ladder.book
                )
            )
    notices.store(told)
    history.append(written, complaints)


def climb_due(escalation_ids: list[int], now: datetime, ladder: Ladder | None = None):
    """Nobody signed in time: the team above is told; at the top the same people are told again."""
    unsigned = _shared(
        _locked(Escalation.objects.filter(pk__in=escalation_ids, signed_at__isnull=True, sign_by__lte=now))
    )
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
            written.append(events.build(complaint, "escalation_climbed", actor=SYSTEM, at=now, data=data))
        told += escalations.notices_for(escalation, complaint, ladder, passed_by, now)
    Escalation.objects.bulk_update(unsigned, ["team", "level", "at_top", "reminders", "sign_by"])
    notices.store(told)
    history.append(written, complaints)


def _word_of(promise, quiet, ladder, escalation, named, now) -> list[Notice | None]:
    """The word to the handler, unless a supervisor who is told anyway, and the honest one to the customer."""
    complaint, handler = promise.complaint, promise.complaint.handler
    key = f"promise:{promise.pk}:{promise.cycle}:broken"
    data = said_of(promise) | {"done_at": promise.kept_at.isoformat() if promise.kept_at else None}
    told = []
    signing = ladder.at(complaint, named, escalation.team)
    for person in ladder.with_deputy(handler, complaint) if handler is not None else []:
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


def _locked(rows: QuerySet) -> QuerySet:
    """The rows with all that their effects need, locked after their complaints."""
    return (
        rows.select_for_update(of=("self",))
        .select_related("complaint__team", "complaint__handler", "complaint__customer")
        .defer(*UNREAD)
        .order_by("pk")
    )


def _shared(rows: QuerySet) -> list:
    """The rows as a list; those of one complaint share one instance, through which its history is chained."""
    found = list(rows)
    instances: dict[int, Complaint] = {}
    for row in found:
        row.complaint = instances.setdefault(row.complaint_id, row.complaint)
    return found


def _complaints_of(rows: list) -> list[Complaint]:
    return list({row.complaint_id: row.complaint for row in rows}.values())
