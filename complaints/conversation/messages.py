"""What is said: messages to the customer, internal notes, and what the customer writes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import events, followers, kinds, permissions
from complaints.case.actors import CUSTOMER, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.once import SentBefore, digest_of, first_with
from complaints.case.permissions import refuse_without
from complaints.choices import Channel
from complaints.errors import NotAllowedNow
from complaints.evidence import attaching
from complaints.evidence.attaching import Incoming
from complaints.models import Complaint, Message, WaitingReply
from complaints.models.message import BODY_LIMIT
from complaints.texts import read_text
from complaints.writing.reply_templates import refuse_unfilled

EVENT_OF = {
    Message.Kind.PUBLIC: EventKind.MESSAGE_SENT,
    Message.Kind.INTERNAL: EventKind.NOTE_ADDED,
    Message.Kind.INBOUND: EventKind.CUSTOMER_REPLIED,
}
# Who writes again after so long, while we have not answered, reminds us ("已拨打3次").
REMINDER_AFTER = timedelta(hours=1)


def append(
    complaint: Complaint,
    *,
    kind: str,
    body: str,
    actor: Actor,
    at: datetime,
    channel: str = "",
    spoken: str = "",
    submission_key: str | None = None,
    digest: str = "",
) -> Message:
    """Add one message to a complaint whose row is locked, and record it. Returns the message.

    `spoken` says that the customer was told it already, "phone" or "in_person". Raises reply_templates.Unfilled for a
    text to the customer that still has holes of a template, and texts.TooLong.
    """
    if kind == Message.Kind.PUBLIC:
        refuse_unfilled(body)
    said = _count_reminder(complaint, at) if kind == Message.Kind.INBOUND else {}
    if spoken and kind == Message.Kind.PUBLIC:
        said = {"spoken": spoken}
    message = Message.objects.create(
        complaint=complaint,
        kind=kind,
        channel=channel,
        author=actor.person,
        written_by=actor.representative.name if actor.representative is not None else "",
        body=read_text(body, BODY_LIMIT),
        at=at,
        submission_key=submission_key or None,
        submission_digest=digest if submission_key else "",
    )
    public = kind != Message.Kind.INTERNAL
    events.record(
        complaint, EVENT_OF[Message.Kind(kind)], actor=actor, at=at, data={"message": message.pk} | said, public=public
    )
    return message


def _count_reminder(complaint: Complaint, at: datetime) -> dict[str, Any]:
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
    spoken: str = "",
    files: Iterable[Incoming] = (),
    submission_key: str | None = None,
    digest: str = "",
) -> Message:
    """A person of the desk writes to the customer (`public`), inside (`internal`), or notes what the
    customer said on another channel (`inbound`). With `wait_for_customer` the case waits for an answer; with
    `spoken` ("phone", "in_person") it was said just now and nothing is sent.

    The same `submission_key` with the same content twice returns the first message. `digest` is what was sent with
    the key, for a caller that looked already whether it was used. Raises once.SentBefore, NotPermitted,
    NotAllowedNow, reply_templates.Unfilled, CouldNotStore.
    """
    files = list(files)
    looked = bool(digest)
    if submission_key and not looked:
        told = (kind, body, channel, wait_for_customer, *([spoken] if spoken else []))
        digest = digest_of("say", complaint_id, actor.person, *told, files)
    with transaction.atomic():
        complaint = lock(complaint_id)
        seen = first_with(submission_key, digest, Message)
        if seen is None and not looked and (waiting := first_with(submission_key, digest, WaitingReply)) is not None:
            raise SentBefore(waiting)
        if seen is not None:
            return seen
        refuse_to_write(complaint, kind, actor)
        message = append(
            complaint,
            kind=kind,
            body=body,
            actor=actor,
            at=at,
            channel=channel,
            spoken=spoken,
            submission_key=submission_key,
            digest=digest,
        )
        if kind == Message.Kind.INBOUND:
            resume(complaint, actor=actor, at=at)
        elif kind == Message.Kind.PUBLIC and wait_for_customer and complaint.waiting_since is None:
            refuse_to_wait(complaint)
            complaint.waiting_since = at
            complaint.save(update_fields=["waiting_since"])
            events.record(complaint, EventKind.WAITING_BEGAN, actor=actor, at=at)
        attaching.attach(complaint, files, actor=actor, at=at, message=message, public=message.is_public)
    return message


def refuse_to_write(complaint: Complaint, kind: str, actor: Actor) -> None:
    """Raises NotPermitted or NotAllowedNow unless the person may write a message of `kind` now."""
    refuse_without(permissions.SPEAK, actor.person, complaint, _("Your role cannot write here."))
    if complaint.is_archived and kind != Message.Kind.INTERNAL and not followers.may_talk(complaint):
        raise NotAllowedNow(_("An archived complaint is read-only; reopen it to write to the customer."))
    if kind == Message.Kind.PUBLIC and not kinds.may_be_written_to(complaint):
        raise NotAllowedNow(_("This customer does not want to be contacted."))


def refuse_to_wait(complaint: Complaint) -> None:
    """Raises NotAllowedNow for a duplicate: the clock that runs is its original's."""
    if complaint.is_archived:
        raise NotAllowedNow(_("A duplicate has no clock of its own that could wait for the customer."))


def customer_says(
    complaint_id: int,
    *,
    body: str,
    at: datetime,
    channel: str = Channel.LINK,
    files: Iterable[Incoming] = (),
    submission_key: str | None = None,
    actor: Actor = CUSTOMER,
) -> Message:
    """The customer, or who acts for them, writes on the link (or another channel). Starts a paused clock again.

    The same `submission_key` with the same content twice returns the first message. Raises once.SentBefore,
    NotAllowedNow once archived (a duplicate: once its original is), CouldNotStore.
    """
    files = list(files)
    digest = digest_of("customer", complaint_id, body, channel, files) if submission_key else ""
    with transaction.atomic():
        complaint = lock(complaint_id)
        seen = first_with(submission_key, digest, Message)
        if seen is not None:
            return seen
        if complaint.is_archived and not followers.may_talk(complaint):
            raise NotAllowedNow(_("This complaint is closed. If it is still a problem, tell us so below."))
        message = append(
            complaint,
            kind=Message.Kind.INBOUND,
            body=body,
            actor=actor,
            at=at,
            channel=channel,
            submission_key=submission_key,
            digest=digest,
        )
        resume(complaint, actor=actor, at=at)
        attaching.attach(complaint, files, actor=actor, at=at, message=message, public=True)
    return message


def resume(complaint: Complaint, *, actor: Actor, at: datetime) -> None:
    """End waiting for the customer, if the (locked) complaint does."""
    if complaint.waiting_since is not None:
        complaint.waiting_since = None
        complaint.save(update_fields=["waiting_since"])
        events.record(complaint, EventKind.WAITING_ENDED, actor=actor, at=at)
