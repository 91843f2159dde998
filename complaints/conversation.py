"""What is said: messages to the customer, internal notes, and what the customer writes."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role
from complaints import events
from complaints.actors import CUSTOMER, Actor
from complaints.choices import Channel
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.locking import lock
from complaints.models import Complaint, Message
from complaints.replies import refuse_unfilled
from complaints.texts import clean_text
from complaints.visibility import roles_on

EVENT_OF = {
    Message.Kind.PUBLIC: "message_sent",
    Message.Kind.INTERNAL: "note_added",
    Message.Kind.INBOUND: "customer_replied",
}
# Who writes again after so long, while we have not answered, reminds us ("已拨打3次").
REMINDER_AFTER = timedelta(hours=1)
SPEAKING = {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR, Role.REVIEWER}


def append(
    complaint: Complaint,
    *,
    kind: str,
    body: str,
    actor: Actor,
    at: datetime,
    channel: str = "",
    submission_key: str | None = None,
) -> Message:
    """Add one message to a complaint whose row is locked, and record it. Returns the message.

    Raises replies.Unfilled for a text to the customer that still has holes of a template.
    """
    if kind == Message.Kind.PUBLIC:
        refuse_unfilled(body)
    said = _count_reminder(complaint, at) if kind == Message.Kind.INBOUND else {}
    message = Message.objects.create(
        complaint=complaint,
        kind=kind,
        channel=channel,
        author=actor.person,
        body=clean_text(body),
        at=at,
        submission_key=submission_key or None,
    )
    public = kind != Message.Kind.INTERNAL
    events.record(complaint, EVENT_OF[kind], actor=actor, at=at, data={"message": message.pk} | said, public=public)
    return message


def _count_reminder(complaint: Complaint, at: datetime) -> dict:
    """Count the customer's message of `at` as a reminder if their last word waits for an answer; for the event."""
    last = complaint.messages.exclude(kind=Message.Kind.INTERNAL).last()
    unanswered_since = complaint.received_at if last is None else last.at
    answered = last is not None and last.kind != Message.Kind.INBOUND
    if answered or at - unanswered_since < REMINDER_AFTER:
        return {}
    complaint.reminders += 1
    complaint.save(update_fields=["reminders"])
    return {"reminder": complaint.reminders}


def say(
    complaint_id: int,
    *,
    kind: str,
    body: str,
    actor: Actor,
    at: datetime,
    channel: str = "",
    wait_for_customer: bool = False,
    submission_key: str | None = None,
) -> Message:
    """A person of the desk writes to the customer (`public`), inside (`internal`), or notes what the
    customer said on another channel (`inbound`). With `wait_for_customer` the case waits for an answer.

    The same `submission_key` twice returns the first message. Raises NotPermitted, NotAllowedNow,
    replies.Unfilled.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        seen = Message.objects.filter(submission_key=submission_key).first() if submission_key else None
        if seen is not None:
            return seen
        refuse_to_write(complaint, kind, actor)
        message = append(
            complaint, kind=kind, body=body, actor=actor, at=at, channel=channel, submission_key=submission_key
        )
        if kind == Message.Kind.INBOUND:
            resume(complaint, actor=actor, at=at)
        elif kind == Message.Kind.PUBLIC and wait_for_customer and complaint.waiting_since is None:
            complaint.waiting_since = at
            complaint.save(update_fields=["waiting_since"])
            events.record(complaint, "waiting_began", actor=actor, at=at)
    return message


def refuse_to_write(complaint: Complaint, kind: str, actor: Actor):
    """Raises NotPermitted or NotAllowedNow unless the person may write a message of `kind` now."""
    if not roles_on(actor.person, complaint) & SPEAKING:
        raise NotPermitted(_("Your role cannot write here."))
    if complaint.is_archived and kind != Message.Kind.INTERNAL:
        raise NotAllowedNow(_("An archived complaint is read-only; reopen it to write to the customer."))
    if kind == Message.Kind.PUBLIC and complaint.wishes_no_contact:
        raise NotAllowedNow(_("This customer does not want to be contacted."))


def customer_says(
    complaint_id: int, *, body: str, at: datetime, channel: str = Channel.LINK, submission_key: str | None = None
) -> Message:
    """The customer writes on the link (or another channel of theirs). Starts a paused clock again.

    The same `submission_key` twice returns the first message. Raises NotAllowedNow once archived.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        seen = Message.objects.filter(submission_key=submission_key).first() if submission_key else None
        if seen is not None:
            return seen
        if complaint.is_archived:
            raise NotAllowedNow(_("This complaint is closed. If it is still a problem, tell us so below."))
        message = append(
            complaint,
            kind=Message.Kind.INBOUND,
            body=body,
            actor=CUSTOMER,
            at=at,
            channel=channel,
            submission_key=submission_key,
        )
        resume(complaint, actor=CUSTOMER, at=at)
    return message


def resume(complaint: Complaint, *, actor: Actor, at: datetime):
    """End waiting for the customer, if the (locked) complaint does."""
    if complaint.waiting_since is not None:
        complaint.waiting_since = None
        complaint.save(update_fields=["waiting_since"])
        events.record(complaint, "waiting_ended", actor=actor, at=at)
