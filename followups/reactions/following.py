"""What becomes of an original reaches its duplicates: their histories, their customers, and whoever answers for it.

"Duplicates of other customers follow the original: their customers get each milestone, the result, the survey or the
callback on their own link." Nothing that was written to or by the original's customer is passed on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from complaints.case import events, followers, rounds
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.this_round import of_this_round
from complaints.choices import ToldHow
from complaints.conversation import messages
from complaints.models import Complaint, ComplaintEvent, Message, Resolution, Round
from complaints.steps import follower_answers, lifecycle
from complaints.visibility import roles_on
from followups.callbacks import callbacks
from followups.escalation import answering
from followups.escalation.ladder import Ladder
from followups.models import Promise
from followups.models.promise import PromiseKind
from followups.outbox import notices
from followups.promises import dates_told
from followups.promises.dates_told import Change, Occasion


@dataclass(frozen=True)
class Beginning:
    """What rounds.begin_again() asks of a step, where the desk itself begins another round."""

    at: datetime
    actor: Actor = SYSTEM
    data: dict = field(default_factory=dict)


def on_events(written: Iterable[ComplaintEvent]):
    """Pass on what happened to originals, in the transaction that wrote it; their rows are locked.

    One query more where nothing follows. Duplicates are locked after their original.
    """
    for event in written:
        if event.kind == EventKind.CLOSED_EARLY and event.data.get("duplicate_of"):
            _joined(event)
        elif event.kind == EventKind.REOPENED and event.data.get("was_duplicate_of"):
            _left(event)
    passed = [event for event in written if event.kind in PASSED_ON and _concerns_others(event)]
    if not passed:
        return
    found = defaultdict(list)
    for follower in followers.of_many({event.complaint_id for event in passed}):
        found[follower.duplicate_of_id].append(follower.pk)
    for event in passed:
        for pk in found[event.complaint_id]:
            follower = lock(pk)
            if follower.duplicate_of_id == event.complaint_id and followers.is_duplicate(follower):
                PASSED_ON[event.kind](event, follower)


def customer_wrote(event: ComplaintEvent) -> bool:
    """Tell whoever answers for the original that the customer of a duplicate wrote.

    Returns whether that is enough: False for what is no duplicate, and where none of those told may read it.
    """
    duplicate = event.complaint
    if not followers.is_duplicate(duplicate) or duplicate.duplicate_of is None:
        return False
    told = _tell_whoever_answers(duplicate.duplicate_of, "duplicate_wrote", event)
    return any(roles_on(notice.person, duplicate) for notice in told)


def why_again(event: ComplaintEvent) -> dict:
    """What the customer is told besides, when their case is worked on again: it was a duplicate until now."""
    ours = event.actor_kind != ComplaintEvent.ActorKind.CUSTOMER
    return {"not_duplicate": True} if ours and event.data.get("was_duplicate_of") else {}


def _concerns_others(event: ComplaintEvent) -> bool:
    """Of promises only that of the result is passed on: others were made to the original's customer alone."""
    if event.kind.startswith("promise_"):
        told = event.public or event.complaint.wishes_no_contact
        return told and event.data["kind"] == PromiseKind.RESOLUTION
    if event.kind == EventKind.CLOSED_EARLY:
        return event.data["outcome"] in followers.WITHOUT_RESULT
    return not event.data.get("was_duplicate_of")


def _joined(event: ComplaintEvent):
    """The merge stands in the original's history and is told there; who followed the duplicate goes with it."""
    duplicate, at = event.complaint, event.at
    original = lock(event.data["duplicate_of"])
    carried = [lock(pk) for pk in followers.duplicates_of([duplicate.pk]).values_list("pk", flat=True)]
    for complaint in carried:
        complaint.duplicate_of = original
        complaint.save(update_fields=["duplicate_of"])
        events.record(complaint, EventKind.HANDED_ON, actor=SYSTEM, at=at, data={"original": original.reference})
    others = [one for one in (duplicate, *carried) if not followers.same_person(one.customer, original.customer)]
    said = {"duplicate": duplicate.pk, "others": len(others), "carried": len(carried)}
    joined = events.record(original, EventKind.DUPLICATE_JOINED, actor=_actor(event), at=at, data=said)
    _tell_whoever_answers(original, "duplicate_joined", joined)
    if original.status not in followers.BEFORE_RESULT:
        result = of_this_round(original.resolutions, original)
        words = event.data.get("others_told") or (result.others_told if result is not None else "")
        for one in others:
            _tell_result(one, original, words, actor=_actor(event), at=at)


def _left(event: ComplaintEvent):
    """It is no duplicate any more: the original's history says so, and whoever answers for it hears it."""
    original = lock(event.data["was_duplicate_of"])
    if original.is_archived:
        return
    left = events.record(
        original, EventKind.DUPLICATE_LEFT, actor=_actor(event), at=event.at, data={"duplicate": event.complaint_id}
    )
    _tell_whoever_answers(original, "duplicate_left", left)


def _resolved(event: ComplaintEvent, follower: Complaint):
    result = of_this_round(event.complaint.resolutions, event.complaint)
    words = result.others_told if result is not None else ""
    _tell_result(follower, event.complaint, words, actor=_actor(event), at=event.at)


def _tell_result(follower: Complaint, original: Complaint, words: str, *, actor: Actor, at: datetime):
    """A text of its own, as a message in their case; then they are asked whether it is solved, or called.

    In a round that has its answer already another one begins.
    """
    if not words.strip():
        return
    if followers.result_of(follower) is not None:
        _begin_round(follower, at)
    messages.append(follower, kind=Message.Kind.PUBLIC, body=words, actor=actor, at=at)
    Resolution.objects.update_or_create(
        complaint=follower,
        round=follower.round,
        defaults={
            "solution": words,
            "told_how": ToldHow.MESSAGE,
            "told_at": at,
            "resolved_by": actor.person,
            "resolved_at": at,
        },
    )
    follower.reopen_until = original.reopen_until
    follower.save(update_fields=["reopen_until"])
    events.record(follower, EventKind.FOLLOWED, actor=SYSTEM, at=at, data={"what": "result"})
    callbacks.create_for(follower, at=at)
    if notices.is_written(follower, "customer_resolved", at=at):
        # Others are asked when they are called.
        key = f"followed:{follower.pk}:{follower.round}"
        notices.tell_customer(follower, "customer_resolved", key=key, data={}, at=at)


def _worked_on_again(event: ComplaintEvent, follower: Complaint):
    """The original is reworked or opened again: what its followers were told counts no more, and they hear so."""
    if followers.result_of(follower) is not None:
        _begin_round(follower, event.at)
    events.record(follower, EventKind.FOLLOWED, actor=SYSTEM, at=event.at, data={"what": "again"})
    key = f"event:{event.pk}:followed:{follower.pk}"
    notices.tell_customer(follower, "customer_reopened", key=key, data={"together": True}, at=event.at)


def _begin_round(follower: Complaint, at: datetime):
    callbacks.withdraw_for(follower, at=at)
    rounds.begin_again(follower, Beginning(at), how=Round.Ended.REOPENED)
    follower.reopen_until = None
    follower.save(update_fields=["round", "responsibility", "lesson", "reopen_until"])


def _closed_without_result(event: ComplaintEvent, follower: Complaint):
    """Somebody else took their complaint back, or theirs is none: that ends nothing of what others complain of."""
    with translation.override(follower.language):
        reason = _("The complaint that this was handled together with was closed without a result.")
    data = {"basis": follower_answers.NOT_DUPLICATE, "reason": reason}
    lifecycle.perform(follower.pk, "reopen", actor=SYSTEM, at=event.at, data=data)


def _late(event: ComplaintEvent, follower: Complaint):
    """The honest word to each: what, sorry, and by when now. Never in words that were promised to somebody else."""
    data = {name: event.data[name] for name in ("promise", "kind", "due_at", "cycle")}
    data |= {"words": "", "done_at": None}
    key = f"promise:{data['promise']}:{data['cycle']}:broken:followed:{follower.pk}"
    notices.tell_customer(follower, "customer_promise_broken", key=key, data=data, at=event.at)


def _moved(event: ComplaintEvent, follower: Complaint):
    """Another date for the result, whether somebody moved it or a rule did."""
    data = event.data
    promise = Promise.objects.get(pk=data["promise"])
    if "replaced" in data:
        before = Promise.objects.values_list("due_at", flat=True).get(pk=data["replaced"])
    else:
        before = datetime.fromisoformat(data["from"])
    promise.words, promise.to_customer = "", True
    changed = [Change(promise, before, promise.due_at)]
    key = f"event:{event.pk}:followed:{follower.pk}"
    dates_told.tell(follower, changed, Occasion("together", key), at=event.at)


# What is passed on to each follower, which is locked.
PASSED_ON: dict[str, Callable[[ComplaintEvent, Complaint], None]] = {
    EventKind.RESOLVED: _resolved,
    EventKind.REWORKED: _worked_on_again,
    EventKind.REOPENED: _worked_on_again,
    EventKind.CLOSED_EARLY: _closed_without_result,
    EventKind.PROMISE_BROKEN: _late,
    EventKind.PROMISE_MOVED: _moved,
    EventKind.PROMISE_REPLACED: _moved,
}


def _tell_whoever_answers(original: Complaint, notice: str, event: ComplaintEvent) -> list:
    """Tell whoever answers for the original, unless it is they who did it; returns the notices written."""
    if original.is_archived:
        return []
    told = answering.tell_whoever_answers(
        original,
        notice,
        key=f"event:{event.pk}:{notice}",
        data={},
        at=event.at,
        ladder=Ladder(event.at),
        but={event.actor_id},
    )
    return notices.store(told)


def _actor(event: ComplaintEvent) -> Actor:
    return Actor(event.actor_kind, event.actor)
