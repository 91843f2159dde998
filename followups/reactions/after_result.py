"""What follows the result of a case: told, asked for, not solved, over, or again. Called by followups.receivers."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from complaints.case import kinds
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.case.this_round import of_this_round
from complaints.choices import Channel, ToldHow
from complaints.conversation import messages
from complaints.models import Complaint, ComplaintEvent
from complaints.steps import lifecycle
from followups.callbacks import callbacks
from followups.engine import effects
from followups.escalation import approvals, escalations
from followups.models import Escalation, Telling
from followups.models.promise import PromiseKind
from followups.notices import closing_told
from followups.outbox import notices
from followups.policies.next_due import refresh_next_due
from followups.promises import dates_told, duties, policy_promises
from followups.reactions import following, reacting
from followups.telling import records

Reason = Escalation.Reason
# What begins again in a new round: after "still a problem" the customer hears from us first.
AFTER_REWORK = (PromiseKind.RESOLUTION,)
AFTER_REOPENING = (PromiseKind.FIRST_CONTACT, PromiseKind.RESOLUTION)


def on_resolved(event: ComplaintEvent):
    """What was spoken is told; what was written is once it arrives. Then a call is owed, and the customer is asked."""
    complaint, actor, at = event.complaint, reacting.actor_of(event), event.at
    messages.resume(complaint, actor=SYSTEM, at=at)
    how = event.data.get("told_how")
    if how in reacting.SPOKEN and actor.is_staff:
        told_at = datetime.fromisoformat(event.data["told_at"]) if event.data.get("told_at") else at
        result = of_this_round(complaint.resolutions, complaint)
        records.record(
            complaint,
            about=records.RESULT,
            way=reacting.SPOKEN[how],
            evidence=Telling.Evidence.SPOKEN,
            told_at=told_at,
            actor=actor,
            at=at,
            words=result.told_note if result is not None else "",
        )
    elif not kinds.is_to_be_told(complaint):
        # Nobody is to be told: it is done.
        duties.keep(complaint, records.WITH_RESULT, actor=actor, at=at)
    elif how == ToldHow.MESSAGE:
        records.tell_result_by(complaint, event.data.get("message"), actor=actor, at=at)
    # What broke before the result counts no more, whether this kept anything or not.
    refresh_next_due(complaint)
    callbacks.create_for(complaint, at=at)
    approvals.close_for_options(complaint, at=at)
    if notices.is_written(complaint, "customer_resolved", at=at):
        # Others are asked when they are called.
        key = f"resolved:{complaint.pk}:{complaint.round}"
        notices.tell_customer(complaint, "customer_resolved", key=key, data={}, at=at)


def on_untold(event: ComplaintEvent):
    """The result did not arrive: no call is owed for it yet, and whoever answers has to tell it by another way."""
    callbacks.withdraw_for(event.complaint, at=event.at)
    reacting.tell_whoever_answers(event, "reopened")


def on_feedback_recorded(event: ComplaintEvent):
    """An answer on the link does the same without a call. Not solved: it is worked on again, at once and by itself."""
    complaint, at = event.complaint, event.at
    if event.data.get("channel") != Channel.CALLBACK:
        callbacks.settle_for(complaint, at=at)
    if event.data.get("unsatisfied"):
        key = f"unsatisfied:{complaint.pk}:{complaint.round}"
        # The second time a rung higher, from the third on at the top.
        failed = complaint.round
        escalations.escalate(
            complaint, reason=Reason.UNSATISFIED, key=key, at=at, rung=failed - 1, at_once_to_top=failed >= 3
        )
        if complaint.is_archived:
            # A duplicate's own answer opens it (complaints.steps.follower_answers).
            return
        lifecycle.perform(complaint.pk, "rework", actor=SYSTEM, at=at, data={"reason": _why_again(complaint)})
        complaint.refresh_from_db()
    elif not complaint.is_archived:
        duties.archive(complaint, satisfied=bool(event.data.get("satisfied")), at=at)


def _why_again(complaint: Complaint) -> str:
    """What has to be done differently, in the customer's words where they said any."""
    given = of_this_round(complaint.feedback, complaint)
    with translation.override(complaint.language):
        said = given.words if given is not None else ""
        return said or _("The customer says that it is not solved.")


def on_reworked(event: ComplaintEvent):
    _begin_round(event, AFTER_REWORK)


def on_reopened(event: ComplaintEvent):
    _begin_round(event, AFTER_REOPENING)


def on_closed(event: ComplaintEvent):
    """Archived or closed early: nothing is promised, owed or to be signed any more, and the customer hears so."""
    complaint, at = event.complaint, event.at
    messages.resume(complaint, actor=SYSTEM, at=at)
    effects.break_what_is_due(complaint, at=at)
    duties.keep(complaint, [PromiseKind.ARCHIVE, PromiseKind.NEXT_STEP], actor=reacting.actor_of(event), at=at)
    ended = callbacks.withdraw_for(complaint, at=at) + policy_promises.withdraw_all(complaint, because="closed", at=at)
    if event.kind == EventKind.CLOSED_EARLY:
        closing_told.tell(event, ended)
        if event.actor_kind == ComplaintEvent.ActorKind.CUSTOMER:
            reacting.tell_whoever_answers(event, "withdrawn")
    else:
        dates_told.tell(complaint, ended, reacting.occasion(event, "archived"), at=at)
    escalations.close_all(complaint, at=at)


def _begin_round(event: ComplaintEvent, kinds: tuple[str, ...]):
    """A new clock; the old results stay. The handler is told, and the customer by when to expect an answer."""
    complaint = event.complaint
    callbacks.withdraw_for(complaint, at=event.at)
    duties.end(complaint, [PromiseKind.ARCHIVE, PromiseKind.NEXT_STEP], at=event.at)
    policy_promises.make_standard(complaint, at=event.at, kinds=kinds, without_policy=True)
    reacting.tell_whoever_answers(event, "reopened")
    if event.data.get("basis") == "appeal":
        # The decision says so, and who works on it now.
        return
    key = f"round:{complaint.pk}:{complaint.round}"
    notices.tell_customer(complaint, "customer_reopened", key=key, data=following.why_again(event), at=event.at)
