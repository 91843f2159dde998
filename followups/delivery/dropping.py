"""What is not told any more: dropped with its reason, in the history, and passed on where it is news to somebody."""

from datetime import datetime

from django.db import transaction

from complaints.case import events
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.db.row_claims import hold_briefly
from complaints.models import Complaint
from followups.escalation import answering, escalations
from followups.escalation.ladder import Ladder, named_in
from followups.models import Escalation, Notice
from followups.notices.kinds import rule_of
from followups.outbox import notices

State, Why = Notice.State, Notice.Dropped


def drop(notice: Notice, why: str, *, now: datetime) -> bool:
    """End a notice that is claimed or gathered, under the lock of its case; whether it was still there to be ended.

    Its state and lease must be the ones that `notice` was read with. Raises OperationalError where somebody holds
    the case for longer than a second.
    """
    with transaction.atomic():
        hold_briefly()
        complaint = lock(notice.case_id)
        mine = Notice.objects.filter(pk=notice.pk, state=notice.state, lease_token=notice.lease_token)
        ended = mine.update(state=State.DROPPED, dropped_because=why, lease_token=None, lease_until=None)
        if not ended:
            return False
        said = {"notice": notice.pk, "event": notice.event, "why": why, "to": notice.person_id}
        events.record(complaint, EventKind.NOTICE_DROPPED, actor=SYSTEM, at=now, data=said)
        if why != Why.OVER and rule_of(notice.event).passes_on:
            notices.store(_for_others(notice, complaint, now))
    return True


def _for_others(notice: Notice, complaint: Complaint, now: datetime) -> list[Notice | None]:
    """The same news for whoever answers, or signs, now; who was told of this occasion is not told again (its key)."""
    ladder = Ladder(now)
    if notice.event == "escalated":
        escalation = Escalation.objects.get(pk=notice.data["escalation"])
        barred = named_in([complaint])[complaint.pk] | escalation.not_for
        return escalations.notices_for(escalation, complaint, ladder, barred, now)
    occasion = notice.key.removesuffix(f":person:{notice.person_id}")
    news = {name: value for name, value in notice.data.items() if name != "instead"}
    return answering.tell_whoever_answers(complaint, notice.event, key=occasion, data=news, at=now, ladder=ladder)
