"""Replies to the customer that can still be taken back: sent ten seconds after they were written, by the desk itself.

A step that a person takes on the case meanwhile sends them before it (lifecycle.perform).

The row is the truth: as long as it stands its author may take the reply back; the transaction that sends it
removes it, so it is never sent twice and never lost.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import TypedDict

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.case import events
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.once import digest_of, first_with
from complaints.conversation import messages
from complaints.db.row_claims import hold_briefly, no_rows_fault
from complaints.errors import NotPermitted, Refused
from complaints.evidence import attaching
from complaints.evidence.attaching import Incoming
from complaints.models import Complaint, Evidence, Message, WaitingReply
from complaints.models.message import BODY_LIMIT
from complaints.texts import read_text
from complaints.writing import reply_templates

log = logging.getLogger(__name__)


class Said(TypedDict):
    """What a reply and the message that it becomes have in common."""

    body: str
    wait_for_customer: bool
    submission_key: str | None


UNDO_FOR = timedelta(seconds=10)
# Asked under the complaint's lock: does something fall due by then that the reply would keep?
Pressing = Callable[[Complaint, datetime], bool]
_pressing: list[Pressing] = []


def register_urgency_check(pressing: Pressing) -> None:
    """Let `pressing(complaint, until)` say that a reply cannot wait until then; adding it twice counts once."""
    if pressing not in _pressing:
        _pressing.append(pressing)


def reply(
    complaint_id: int,
    *,
    body: str,
    actor: Actor,
    at: datetime,
    wait_for_customer: bool = False,
    submission_key: str | None = None,
    files: Iterable[Incoming] = (),
    again: Iterable[int] = (),
) -> Message | WaitingReply:
    """A person of the desk replies to the customer; it is sent at `at` + UNDO_FOR unless it is taken back.

    Where a promise falls due within that time it is sent at once. `files` are stored at once, inside;
    `again` are ids of files of the case that an undone reply had brought. Both go out with the message.
    The same `submission_key` with the same content twice returns what the first one made, waiting or sent.
    Raises once.SentBefore, NotPermitted, NotAllowedNow, reply_templates.Unfilled, texts.TooLong, CouldNotStore.
    """
    files, again = list(files), list(again)
    digest = ""
    if submission_key:
        digest = digest_of("reply", complaint_id, actor.person, body, wait_for_customer, files, again)
    with transaction.atomic():
        complaint = lock(complaint_id)
        seen = first_with(submission_key, digest, Message, WaitingReply)
        if seen is not None:
            return seen
        messages.refuse_to_write(complaint, Message.Kind.PUBLIC, actor)
        # Now, while its author is there, and not only when it is sent.
        reply_templates.refuse_unfilled(body)
        said: Said = {
            "body": read_text(body, BODY_LIMIT),
            "wait_for_customer": wait_for_customer,
            "submission_key": submission_key or None,
        }
        send_at = at + UNDO_FOR
        if any(pressing(complaint, send_at) for pressing in _pressing):
            message = messages.say(complaint_id, kind=Message.Kind.PUBLIC, actor=actor, at=at, digest=digest, **said)
            _give(message, again, actor=actor, at=at)
            attaching.attach(complaint, files, actor=actor, at=at, message=message, public=True)
            return message
        waiting = WaitingReply.objects.create(
            complaint=complaint,
            author=actor.colleague,
            written_at=at,
            send_at=send_at,
            submission_digest=digest,
            **said,
        )
        stored = attaching.attach(complaint, files, actor=actor, at=at)
        waiting.files = [*again, *(row.pk for row in stored)]
        waiting.save(update_fields=["files"])
    return waiting


def take_back(reply_id: int, *, actor: Actor) -> WaitingReply:
    """Remove a reply that was not sent and return it, for the reply box. Its files stay inside the case.

    Raises WaitingReply.DoesNotExist when it was sent or taken back already, NotPermitted for everybody
    but its author.
    """
    with transaction.atomic():
        lock(WaitingReply.objects.values_list("complaint_id", flat=True).get(pk=reply_id))
        waiting = WaitingReply.objects.select_for_update().get(pk=reply_id)
        if waiting.author_id != actor.colleague.pk:
            raise NotPermitted(_("Only the person who wrote a reply can take it back."))
        waiting.delete()
    return waiting


def send_before_step(complaint: Complaint, *, at: datetime) -> bool:
    """Send what waits on a complaint whose row is locked, so that the step of `at` follows it; whether there was any.

    A reply is meant once it is written: the gate of the step counts it, and a case that is closed does not leave it
    behind. Afterwards `complaint` is old, read it again. Rolled back with the step, the replies wait on.
    """
    waits = WaitingReply.objects.filter(complaint=complaint, refused="").select_related("author")
    found = list(waits.select_for_update(of=("self",), no_key=True))
    for waiting in found:
        _settle(waiting, at=min(at, waiting.send_at))
    return bool(found)


def stop_those_of(complaint: Complaint, people: Collection[int]) -> None:
    """Replies of people who are named in the (locked) complaint now are not sent; whoever goes on finds the text."""
    waits = WaitingReply.objects.filter(complaint=complaint, author__in=people, refused="")
    for waiting in waits.select_for_update(of=("self",), no_key=True):
        waiting.refused = _("Whoever wrote it is named in the complaint now.")
        waiting.save(update_fields=["refused"])


def send_due(now: datetime) -> int:
    """Send every reply whose time is over at `now` (the database's clock); returns how many were handled.

    Any number of workers may do it at once. Costs one indexed query when nothing waits.
    """
    handled = 0
    while _due(now).exists() and _send_one(now):
        handled += 1
    return handled


def _due(now: datetime) -> QuerySet[WaitingReply]:
    return WaitingReply.objects.filter(refused="", send_at__lte=now)


def _send_one(now: datetime) -> bool:
    """Send the reply that has been due for longest; False when there is none that nobody else has in hand.

    The moment is the one at which it was to go, as with a promise that breaks: a desk that comes by late
    must not make late what was written in time.
    """
    with transaction.atomic():
        hold_briefly()
        claim = _due(now).select_related("complaint", "author")
        waiting = claim.select_for_update(of=("self", "complaint"), skip_locked=True, no_key=True).first()
        if waiting is None:
            return False
        _settle(waiting, at=waiting.send_at)
    return True


def _settle(waiting: WaitingReply, *, at: datetime) -> None:
    """Send a reply that is locked with its complaint; `at` is the message's moment.

    One that is refused, or fails, stays with the reason in its author's language, and is not tried again.
    """
    with translation.override(waiting.author.language):
        waiting.refused = _refusal_of(waiting, at)
    if waiting.refused:
        waiting.save(update_fields=["refused"])
    else:
        waiting.delete()


def _refusal_of(waiting: WaitingReply, at: datetime) -> str:
    """Send it; returns why that was refused, "" when it is sent."""
    try:
        with transaction.atomic():
            _send(waiting, at)
    except Refused as refused:
        return str(refused)
    except Exception as error:
        if no_rows_fault(error):
            raise
        log.exception("Reply %s could not be sent", waiting.pk)
        return _("Something went wrong at the desk. Take the text back and send it once more.")
    return ""


def _send(waiting: WaitingReply, at: datetime) -> None:
    actor = Actor.staff(waiting.author)
    message = messages.say(
        waiting.complaint_id,
        kind=Message.Kind.PUBLIC,
        body=waiting.body,
        actor=actor,
        at=at,
        wait_for_customer=waiting.wait_for_customer,
        submission_key=waiting.submission_key,
        digest=waiting.submission_digest,
    )
    _give(message, waiting.files, actor=actor, at=at)


def _give(message: Message, evidence_ids: list[int], *, actor: Actor, at: datetime) -> None:
    """Make files of the case part of a message: the customer sees them from now on."""
    inside = Evidence.objects.filter(complaint=message.complaint_id, pk__in=evidence_ids, message=None)
    given = list(inside.values_list("pk", flat=True))
    if given:
        Evidence.objects.filter(pk__in=given).update(message=message, public=True)
        said = {"evidence": given, "count": len(given), "message": message.pk}
        complaint = lock(message.complaint_id)
        events.record(complaint, EventKind.EVIDENCE_SENT, actor=actor, at=at, data=said, public=True)
