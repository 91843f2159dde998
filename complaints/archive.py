"""Archive, close early, reopen: closed with its lesson ("留档分析"), and opened again with a new clock."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import DeskRules, Role
from complaints import events
from complaints.actors import Actor
from complaints.choices import Outcome, Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.locking import lock
from complaints.models import Complaint, Resolution
from complaints.visibility import roles_on


def write(complaint: Complaint, step) -> dict:
    """Cause, responsibility and lesson; the case is read-only from here."""
    for name in ("responsibility", "lesson"):
        if name in step.data:
            setattr(complaint, name, str(step.data[name]).strip())
    if step.data.get("cause"):
        result, _created = Resolution.objects.get_or_create(complaint=complaint, round=complaint.round)
        result.cause = step.data["cause"]
        result.save(update_fields=["cause"])
    feedback = complaint.feedback.filter(round=complaint.round).first()
    complaint.outcome = Outcome.UNSOLVED if feedback is not None and feedback.is_unsatisfied else Outcome.SOLVED
    complaint.closed_at = step.at
    said = {"outcome": complaint.outcome}
    exception = str(step.data.get("exception_reason") or "").strip()
    return said | ({"exception": exception} if exception else {})


def write_early(complaint: Complaint, step) -> dict:
    """Withdrawn, duplicate (points at the original), or invalid (a second person agreed)."""
    complaint.outcome = step.data.get("outcome") or ""
    complaint.closing_reason = str(step.data.get("reason") or "").strip()
    complaint.closed_at = step.at
    if complaint.outcome != Outcome.INVALID:
        complaint.reopen_until = step.at + timedelta(days=DeskRules.current().reopen_days)
    if complaint.outcome == Outcome.DUPLICATE:
        complaint.duplicate_of = original_of(step.data.get("duplicate_of"), complaint)
    if complaint.outcome == Outcome.INVALID and complaint.invalid_reason and not complaint.closing_reason:
        complaint.closing_reason = complaint.invalid_reason
    said = {"outcome": complaint.outcome, "reason": complaint.closing_reason}
    return said | ({"original": complaint.duplicate_of.reference} if complaint.duplicate_of else {})


def original_of(named: Complaint | None, complaint: Complaint) -> Complaint | None:
    """Follow duplicates to the first original; None when that leads back to `complaint` itself."""
    seen = {complaint.pk}
    while named is not None and named.duplicate_of is not None and named.pk not in seen:
        seen.add(named.pk)
        named = named.duplicate_of
    return None if named is None or named.pk in seen else named


def propose_invalid(complaint_id: int, *, reason: str, actor: Actor, at: datetime) -> Complaint:
    """Say that this is no complaint; somebody else has to agree before it can be closed as one.

    Raises NotPermitted, NotAllowedNow.
    """
    with transaction.atomic():
        complaint = lock(complaint_id)
        if not roles_on(actor.person, complaint) & {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR}:
            raise NotPermitted(_("Your role cannot propose this."))
        if complaint.status not in (Status.RECEIVED, Status.VERIFIED, Status.ASSIGNED):
            raise NotAllowedNow(_("This can only be proposed before a result is told."))
        if not reason.strip():
            raise NotAllowedNow(_("Write the reason"))
        complaint.invalid_proposed_by, complaint.invalid_reason = actor.person, reason.strip()
        complaint.save(update_fields=["invalid_proposed_by", "invalid_reason"])
        events.record(complaint, "invalid_proposed", actor=actor, at=at, data={"reason": complaint.invalid_reason})
    return complaint


def write_reopening(complaint: Complaint, step) -> dict:
    """A new round with a new clock; results, feedback and lesson of the old one are kept in the history."""
    said = {
        "reason": str(step.data.get("reason") or "").strip(),
        "basis": step.data.get("basis") or "still_a_problem",
        "previous_outcome": complaint.outcome,
        "previous_lesson": complaint.lesson,
    }
    complaint.round += 1
    complaint.outcome, complaint.closing_reason = "", ""
    complaint.invalid_proposed_by, complaint.invalid_reason = None, ""
    complaint.closed_at = None
    for point in complaint.points.all():
        point.finding = ""
        point.save(update_fields=["finding"])
    return said | {"round": complaint.round}
