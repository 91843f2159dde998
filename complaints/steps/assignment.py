"""Assign, take, reassign: who works on it ("没有了解问题便太快转交同事")."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import before, events, permissions
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.case.step import Step
from complaints.choices import Severity
from complaints.errors import NotAllowedNow
from complaints.models import Category, Complaint
from complaints.texts import read_text

# The third hand-over goes to the supervisor: "相互推卸".
HANDOVERS_BEFORE_ESCALATION = 3


def write_assignment(complaint: Complaint, step: Step) -> dict[str, Any]:
    """Category, severity, team and handler as the step names them."""
    given = {name: step.data[name] for name in ("category", "severity", "team") if step.data.get(name)}
    lost = before.overwritten(complaint, given, ("category", "severity"))
    for name, value in given.items():
        setattr(complaint, name, value)
    complaint.handler = step.data.get("handler")
    return {
        "category": complaint.category_id,
        "severity": complaint.severity,
        "team": complaint.team_id,
        "handler": complaint.handler_id,
    } | ({"before": lost} if lost else {})


def write_taking(complaint: Complaint, step: Step) -> dict[str, Any]:
    """A handler takes a complaint out of the team's queue: no hand-over, nobody had it."""
    if complaint.handler_id is None:
        complaint.handler = step.actor.person
    return {"handler": complaint.handler_id}


def write_reassignment(complaint: Complaint, step: Step) -> dict[str, Any]:
    """Another team or handler, with the reason; counts as a hand-over."""
    complaint.team = step.data.get("team") or complaint.team
    complaint.handler = step.data.get("handler")
    complaint.handovers += 1
    return {
        "reason": str(step.data.get("reason") or "").strip(),
        "team": complaint.team_id,
        "handler": complaint.handler_id,
        "previous_team": step.before.team_id,
        "previous_handler": step.before.handler_id,
        "handovers": complaint.handovers,
    }


def change_severity(
    complaint_id: int, *, severity: str, reason: str, actor: Actor, at: datetime, version: int | None = None
) -> Complaint:
    """Set another severity; the promises made for the old one are replaced by its receivers.

    Raises NotAllowedNow for an archived complaint, NotPermitted without a working role on it, and ChangedMeanwhile
    when `version` (the one that the actor's page showed) is not the present one.
    """
    if severity not in Severity.values:
        raise NotAllowedNow(_("Choose one of the severities."))
    with transaction.atomic():
        complaint = lock(complaint_id, version=version, actor=actor)
        if complaint.is_archived:
            raise NotAllowedNow(_("An archived complaint is read-only."))
        if actor.is_staff:
            refuse_without(permissions.CHANGE, actor.person, complaint, _("Your role cannot change the severity."))
        if complaint.severity == severity:
            return complaint
        said: dict[str, Any] = {"from": complaint.severity, "to": severity, "reason": read_text(reason, 500)}
        complaint.severity = severity
        complaint.save(update_fields=["severity"])
        events.record(complaint, EventKind.SEVERITY_CHANGED, actor=actor, at=at, data=said)
    return complaint


def change_category(complaint_id: int, *, category: Category, reason: str, actor: Actor, at: datetime) -> Complaint:
    """Set another category; the promises made for the old one are replaced by the event's receivers.

    Nothing happens where it has the category already. Raises NotAllowedNow for an archived complaint and for a
    category that is not in use, NotPermitted without a working role on it, Complaint.DoesNotExist.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        if complaint.is_archived:
            raise NotAllowedNow(_("An archived complaint is read-only."))
        if actor.is_staff:
            refuse_without(permissions.CHANGE, actor.person, complaint, _("Your role cannot change the category."))
        if complaint.category_id == category.pk:
            return complaint
        if not category.active:
            raise NotAllowedNow(_("This category is not in use any more; choose another."))
        # The names go with it: entries of a catalogue are renamed and removed.
        names = {"name": category.name, "name_zh": category.name_zh}
        said: dict[str, Any] = {
            "from": complaint.category_id,
            "to": category.pk,
            "reason": read_text(reason, 500),
        } | names
        if complaint.category is not None:
            said["before"] = {"category": before.kept(complaint.category)}
        complaint.category = category
        complaint.save(update_fields=["category"])
        events.record(complaint, EventKind.CATEGORY_CHANGED, actor=actor, at=at, data=said)
    return complaint
