"""Archive, close early, reopen: closed with its lesson ("留档分析"), and opened again with a new clock."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import DeskRules
from complaints.case import appealing, before, events, orphans, permissions, rounds
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.case.step import Step
from complaints.choices import Outcome, Status
from complaints.errors import NotAllowedNow
from complaints.models import Complaint, Resolution, Round
from complaints.texts import read_text
from complaints.writing.reply_templates import refuse_unfilled


def write(complaint: Complaint, step: Step) -> dict[str, Any]:
    """Cause, responsibility and lesson; the case is read-only from here."""
    lost = {}
    for name in ("responsibility", "lesson"):
        if name in step.data:
            setattr(complaint, name, str(step.data[name]).strip())
    if step.data.get("cause"):
        result, _created = Resolution.objects.get_or_create(complaint=complaint, round=complaint.round)
        lost = before.overwritten(result, step.data, ["cause"])
        result.cause = step.data["cause"]
        result.save(update_fields=["cause"])
    feedback = complaint.feedback.filter(round=complaint.round).first()
    failed = complaint.status == Status.ASSIGNED or (feedback is not None and feedback.is_unsatisfied)
    complaint.outcome = Outcome.UNSOLVED if failed else Outcome.SOLVED
    complaint.closed_at = step.at
    complaint.appeal_until = appealing.open_until(complaint, step.at)
    said = {"outcome": complaint.outcome} | ({"before": lost} if lost else {})
    exception = str(step.data.get("exception_reason") or "").strip()
    return said | ({"exception": exception} if exception else {})


def write_early(complaint: Complaint, step: Step) -> dict[str, Any]:
    """Withdrawn, duplicate (points at the original), or invalid (a second person agreed).

    The reason is told to the customer in the words it has here; why somebody proposed it was said among us.
    Raises reply_templates.Unfilled.
    """
    complaint.outcome = step.data.get("outcome") or ""
    complaint.closing_reason = str(step.data.get("reason") or "").strip()
    others_told = str(step.data.get("others_told") or "").strip()
    refuse_unfilled(complaint.closing_reason)
    refuse_unfilled(others_told)
    complaint.closed_at = step.at
    # A duplicate is waited for with its original; what is no complaint can be appealed, not opened again.
    may_reopen = complaint.outcome == Outcome.WITHDRAWN
    complaint.reopen_until = step.at + timedelta(days=DeskRules.current().reopen_days) if may_reopen else None
    complaint.appeal_until = appealing.open_until(complaint, step.at)
    if complaint.outcome == Outcome.DUPLICATE:
        complaint.duplicate_of = original_of(step.data.get("duplicate_of"), complaint)
    said = {"outcome": complaint.outcome, "reason": complaint.closing_reason, "reason_told": True}
    if complaint.duplicate_of is None:
        return said
    said |= {"original": complaint.duplicate_of.reference, "duplicate_of": complaint.duplicate_of.pk}
    return said | ({"others_told": others_told} if others_told else {})


def original_of(named: Complaint | None, complaint: Complaint) -> Complaint | None:
    """Follow duplicates to the first original; None when that leads back to `complaint` itself."""
    seen = {complaint.pk}
    while named is not None and named.duplicate_of is not None and named.pk not in seen:
        seen.add(named.pk)
        named = named.duplicate_of
    return None if named is None or named.pk in seen else named


def propose_invalid(complaint_id: int, *, reason: str, actor: Actor, at: datetime) -> Complaint:
    """Say that this is no complaint; somebody else has to agree before it can be closed as one.

    The same person proposing it again with the same reason changes nothing.
    Raises NotPermitted, NotAllowedNow, TooLong.
    """
    reason = read_text(reason, 500)
    with transaction.atomic():
        complaint = lock(complaint_id)
        refuse_without(permissions.PROPOSE_INVALID, actor.person, complaint, _("Your role cannot propose this."))
        if complaint.status not in permissions.PROPOSE_INVALID.stages:
            raise NotAllowedNow(_("This can only be proposed before a result is told."))
        if not reason.strip():
            raise NotAllowedNow(_("Write the reason"))
        proposed = actor.person, reason.strip()
        if (complaint.invalid_proposed_by, complaint.invalid_reason) == proposed:
            return complaint
        complaint.invalid_proposed_by, complaint.invalid_reason = proposed
        complaint.save(update_fields=["invalid_proposed_by", "invalid_reason"])
        events.record(
            complaint, EventKind.INVALID_PROPOSED, actor=actor, at=at, data={"reason": complaint.invalid_reason}
        )
    return complaint


def write_reopening(complaint: Complaint, step: Step) -> dict[str, Any]:
    """A new round with a new clock; what the old one came to is kept."""
    kept = rounds.begin_again(complaint, step, how=Round.Ended.REOPENED)
    original, complaint.duplicate_of = complaint.duplicate_of, None
    said = {
        "reason": kept.reason,
        "basis": step.data.get("basis") or "still_a_problem",
        "previous_outcome": kept.outcome,
        "previous_lesson": kept.lesson,
    }
    complaint.outcome, complaint.closing_reason = "", ""
    complaint.invalid_proposed_by, complaint.invalid_reason = None, ""
    complaint.closed_at = complaint.reopen_until = complaint.appeal_until = None
    said |= _hands_now(complaint) | {"round": complaint.round}
    return said | ({"was_duplicate_of": original.pk} if kept.outcome == Outcome.DUPLICATE and original else {})


def write_upholding(complaint: Complaint, step: Step) -> dict[str, Any]:
    """A new round because an appeal was right: in other hands than before, those that its reviewer chose."""
    said = write_reopening(complaint, step)
    complaint.team = step.data["team"]
    complaint.handler = step.data.get("handler")
    said |= {"appeal": step.data["appeal"], "team": complaint.team_id}
    return said | ({"handler": complaint.handler_id} if complaint.handler_id is not None else {})


def _hands_now(complaint: Complaint) -> dict[str, Any]:
    """Who had it may be gone, and their team closed: then it waits in a queue, or with the team above."""
    said: dict[str, int | None] = {}
    team = complaint.team.or_open_above()
    if team != complaint.team:
        said |= {"previous_team": complaint.team_id, "team": team.pk}
        complaint.team = team
    handler = complaint.handler
    if handler is not None and orphans.why_not(handler, complaint):
        said["previous_handler"] = handler.pk
        complaint.handler = None
    return said
