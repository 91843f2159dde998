"""Resolve: findings, cause, solution, and the customer told ("将处理结果在承诺期限内告知客户")."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import DeskRules, Role
from complaints import conversation, events
from complaints.actors import Actor
from complaints.choices import Status, ToldHow
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.locking import lock
from complaints.models import Complaint, Message, Resolution
from complaints.visibility import roles_on

RESULT_FIELDS = ("cause", "solution", "told_how", "told_at", "told_note")


def write_resolution(complaint: Complaint, step) -> dict:
    """Store findings and result; a reply written in the step is sent and counts as telling the customer."""
    result = store(complaint, step.data)
    reply = str(step.data.get("reply") or "").strip()
    if result.told_how == ToldHow.MESSAGE:
        if reply:
            conversation.append(complaint, kind=Message.Kind.PUBLIC, body=reply, actor=step.actor, at=step.at)
            result.told_at = step.at
        elif result.told_at is None:
            sent = complaint.messages.filter(kind=Message.Kind.PUBLIC, at__gte=_round_began(complaint)).last()
            result.told_at = sent.at if sent else None
    elif result.told_how and result.told_at is None:
        result.told_at = step.at
    result.resolved_by, result.resolved_at = step.actor.person, step.at
    result.save()
    complaint.reopen_until = step.at + timedelta(days=DeskRules.current().reopen_days)
    return {
        "round": complaint.round,
        "told_how": result.told_how,
        "told_at": result.told_at.isoformat() if result.told_at else None,
    }


def store(complaint: Complaint, data: dict) -> Resolution:
    """Write the findings (`finding_1`, …) and result fields present in `data`; returns the round's result."""
    for point in complaint.points.all():
        name = f"finding_{point.number}"
        if name in data and point.finding != data[name]:
            point.finding = data[name]
            point.save(update_fields=["finding"])
    result, _created = Resolution.objects.get_or_create(complaint=complaint, round=complaint.round)
    for name in RESULT_FIELDS:
        if name in data:
            setattr(result, name, data[name])
    result.save()
    return result


def save_progress(
    complaint_id: int, *, actor: Actor, at: datetime, data: dict, version: int | None = None
) -> Complaint:
    """Keep findings and result so far without taking the step. Raises NotPermitted,
    ChangedMeanwhile, and NotAllowedNow unless assigned."""
    with transaction.atomic():
        complaint = lock(complaint_id, version=version, actor=actor)
        if not roles_on(actor.person, complaint) & {Role.HANDLER, Role.SUPERVISOR}:
            raise NotPermitted(_("Your role does not include this step."))
        if complaint.status != Status.ASSIGNED:
            raise NotAllowedNow(complaint.get_status_display())
        store(complaint, data)
        events.record(complaint, "result_saved", actor=actor, at=at, data={"round": complaint.round})
    return complaint


def write_rework(complaint: Complaint, step) -> dict:
    """A new round: the result and the feedback of the old one are kept."""
    complaint.round += 1
    complaint.reopen_until = None
    for point in complaint.points.all():
        point.finding = ""
        point.save(update_fields=["finding"])
    return {"reason": str(step.data.get("reason") or "").strip(), "round": complaint.round}


def _round_began(complaint: Complaint) -> datetime:
    """When the present round began: assignment, rework or reopening."""
    began = complaint.events.filter(kind__in=["reworked", "reopened"]).order_by("-number").first()
    return began.at if began else complaint.received_at
