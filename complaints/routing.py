"""Assign, take, reassign: who works on it ("没有了解问题便太快转交同事")."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import people_with
from accounts.models import Person, Role, Team
from complaints import events
from complaints.actors import Actor
from complaints.choices import Severity
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.locking import lock
from complaints.models import Category, Complaint
from complaints.visibility import roles_on

# The third hand-over goes to the supervisor: "相互推卸".
HANDOVERS_BEFORE_ESCALATION = 3


def write_assignment(complaint: Complaint, step) -> dict:
    """Category, severity, team and handler as the step names them."""
    for name in ("category", "severity", "team"):
        if step.data.get(name):
            setattr(complaint, name, step.data[name])
    complaint.handler = step.data.get("handler")
    return {
        "category": complaint.category_id,
        "severity": complaint.severity,
        "team": complaint.team_id,
        "handler": complaint.handler_id,
    }


def write_taking(complaint: Complaint, step) -> dict:
    """A handler takes a complaint out of the team's queue: no hand-over, nobody had it."""
    if complaint.handler_id is None:
        complaint.handler = step.actor.person
    return {"handler": complaint.handler_id}


def write_reassignment(complaint: Complaint, step) -> dict:
    """Another team or handler, with the reason; counts as a hand-over."""
    complaint.team = step.data.get("team") or complaint.team
    complaint.handler = step.data.get("handler")
    complaint.handovers += 1
    return {
        "reason": str(step.data.get("reason") or "").strip(),
        "team": complaint.team_id,
        "handler": complaint.handler_id,
        "previous_team": step.previous_team_id,
        "previous_handler": step.previous_handler_id,
        "handovers": complaint.handovers,
    }


def handlers_for(team: Team) -> list[Person]:
    """Who may be given a complaint of `team`: its handlers, and its own supervisors."""
    handlers = people_with(Role.HANDLER, team) | people_with(Role.SUPERVISOR, team)
    return list(handlers.distinct().order_by("name"))


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
        if actor.person and not roles_on(actor.person, complaint) & {Role.HANDLER, Role.SUPERVISOR, Role.FRONTLINE}:
            raise NotPermitted(_("Your role cannot change the severity."))
        if complaint.severity == severity:
            return complaint
        said = {"from": complaint.severity, "to": severity, "reason": reason.strip()}
        complaint.severity = severity
        complaint.save(update_fields=["severity"])
        events.record(complaint, "severity_changed", actor=actor, at=at, data=said)
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
        if actor.person and not roles_on(actor.person, complaint) & {Role.HANDLER, Role.SUPERVISOR, Role.FRONTLINE}:
            raise NotPermitted(_("Your role cannot change the category."))
        if complaint.category_id == category.pk:
            return complaint
        if not category.active:
            raise NotAllowedNow(_("This category is not in use any more; choose another."))
        # The names go with it: entries of a catalogue are renamed and removed.
        names = {"name": category.name, "name_zh": category.name_zh}
        said = {"from": complaint.category_id, "to": category.pk, "reason": reason.strip()} | names
        complaint.category = category
        complaint.save(update_fields=["category"])
        events.record(complaint, "category_changed", actor=actor, at=at, data=said)
    return complaint
