"""Resolve: findings, cause, solution, and the customer told ("将处理结果在承诺期限内告知客户")."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import DeskRules
from complaints.case import before, events, permissions, rounds
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.case.step import Step
from complaints.choices import Kind, Status, ToldHow
from complaints.conversation import messages
from complaints.errors import NotAllowedNow
from complaints.models import Complaint, Message, Resolution, Round
from complaints.writing.limits import refuse_too_long
from complaints.writing.reply_templates import refuse_unfilled

RESULT_FIELDS = ("cause", "adopted", "solution", "told_how", "told_at", "told_note", "others_told")
# What was said by word of mouth, the customer reads on the link; a message is read where messages are.
READ_ON_LINK = (ToldHow.PHONE, ToldHow.IN_PERSON)


def write_resolution(complaint: Complaint, step: Step) -> dict[str, Any]:
    """Store findings and result; a reply written in the step is sent and counts as telling the customer."""
    result, lost = store(complaint, step.data)
    reply = str(step.data.get("reply") or "").strip()
    sent = None
    if result.told_how == ToldHow.MESSAGE:
        if reply:
            sent = messages.append(complaint, kind=Message.Kind.PUBLIC, body=reply, actor=step.actor, at=step.at)
            result.told_at = step.at
        else:
            sent = complaint.messages.filter(kind=Message.Kind.PUBLIC, at__gte=_round_began(complaint)).last()
            if result.told_at is None:
                result.told_at = sent.at if sent else None
    elif result.told_how and result.told_at is None:
        result.told_at = step.at
    if complaint.kind == Kind.SUGGESTION:
        # Then the customer reads why on their page.
        refuse_unfilled(result.solution)
    result.resolved_by, result.resolved_at = step.actor.person, step.at
    result.save()
    complaint.reopen_until = step.at + timedelta(days=DeskRules.current().reopen_days)
    return {
        "round": complaint.round,
        "told_how": result.told_how,
        "told_at": result.told_at.isoformat() if result.told_at else None,
        # The message that tells it: whether it arrived is known later.
        "message": sent.pk if sent else None,
    } | ({"before": lost} if lost else {})


def store(complaint: Complaint, data: dict[str, Any]) -> tuple[Resolution, dict[str, Any]]:
    """Write the findings (`finding_1`, …) and result fields present in `data`.

    Returns the round's result, and what was written over (complaints.case.before). Raises reply_templates.Unfilled for
    words that a customer reads with a hole in them.
    """
    lost: dict[str, Any] = {}
    for point in complaint.points.all():
        name = f"finding_{point.number}"
        if name in data and point.finding != data[name]:
            lost |= {name: point.finding} if point.finding else {}
            point.finding = data[name]
            point.save(update_fields=["finding"])
    result, _created = Resolution.objects.get_or_create(complaint=complaint, round=complaint.round)
    lost |= before.overwritten(result, data, RESULT_FIELDS)
    for name in RESULT_FIELDS:
        if name in data:
            setattr(result, name, data[name])
    result.told_note_readable = result.told_how in READ_ON_LINK
    if result.told_note_readable:
        refuse_unfilled(result.told_note)
    refuse_unfilled(result.others_told)
    result.save()
    return result, lost


def save_progress(
    complaint_id: int, *, actor: Actor, at: datetime, data: dict[str, Any], version: int | None = None
) -> Complaint:
    """Keep findings and result so far without taking the step. Raises NotPermitted,
    ChangedMeanwhile, texts.TooLong, and NotAllowedNow unless assigned."""
    refuse_too_long(data)
    with transaction.atomic():
        complaint = lock(complaint_id, version=version, actor=actor)
        words = _("Your role does not include this step.")
        refuse_without(permissions.SAVE_RESULT, actor.person, complaint, words)
        if complaint.status != Status.ASSIGNED:
            raise NotAllowedNow(complaint.get_status_display())
        _result, lost = store(complaint, data)
        said = {"round": complaint.round} | ({"before": lost} if lost else {})
        events.record(complaint, EventKind.RESULT_SAVED, actor=actor, at=at, data=said)
    return complaint


def write_not_arrived(complaint: Complaint, step: Step) -> dict[str, Any]:
    """ "Done but not told is not resolved": the result stays as it is, the customer has to be told by another way."""
    complaint.reopen_until = None
    return {"reason": step.data.get("reason") or "", "round": complaint.round}


def write_rework(complaint: Complaint, step: Step) -> dict[str, Any]:
    """A new round: what the old one came to is kept."""
    kept = rounds.begin_again(complaint, step, how=Round.Ended.REWORKED)
    complaint.reopen_until = None
    return {"reason": kept.reason, "round": complaint.round}


def _round_began(complaint: Complaint) -> datetime:
    """When the present round began: assignment, rework or reopening."""
    began = complaint.events.filter(kind__in=[EventKind.REWORKED, EventKind.REOPENED]).order_by("-number").first()
    return began.at if began else complaint.received_at
