"""Verify: make sure that we understood, before anybody works on it ("重复客户所讲的问题")."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.case import before, events, permissions
from complaints.case.actors import CUSTOMER, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.case.step import Step
from complaints.choices import ConfirmedHow, Status
from complaints.errors import NotAllowedNow
from complaints.models import Complaint, Point, Verification
from complaints.texts import clean_line, read_text
from complaints.writing.limits import OTHERWISE, refuse_too_long
from complaints.writing.reply_templates import refuse_unfilled

# While the customer's confirmation is waited for.
BEFORE_WORK = (Status.RECEIVED, Status.VERIFIED)
CASE_FIELDS = ("occurred_at", "place", "site", "desired_outcome")
CHECK_FIELDS = (
    "identity_confirmed",
    "identity_reason",
    "evidence_asked",
    "tried_already",
    "restatement",
    "confirmed_how",
    "not_confirmed_reason",
)


def write(complaint: Complaint, step: Step) -> dict[str, Any]:
    """Store what the step brings (only the fields it names); returns what the event says."""
    return store(complaint, step.data, at=step.at)


def store(complaint: Complaint, data: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """Write the verification fields present in `data`; returns for the event which changed, and what they held.

    Raises reply_templates.Unfilled for words with a hole that the customer is to confirm on the link.
    """
    check, _created = Verification.objects.get_or_create(complaint=complaint)
    lost = before.overwritten(complaint, data, CASE_FIELDS) | before.overwritten(check, data, CHECK_FIELDS)
    if "restatement" in lost and check.is_confirmed:
        # The customer confirmed the words that are replaced.
        lost |= {"confirmed_how": check.confirmed_how, "confirmed_at": before.kept(check.confirmed_at)}
    changed = [name for name in CASE_FIELDS if name in data and getattr(complaint, name) != data[name]]
    for name in changed:
        setattr(complaint, name, data[name])
    if changed:
        complaint.save(update_fields=changed)
    words = check.restatement
    for name in CHECK_FIELDS:
        if name in data and getattr(check, name) != data[name]:
            setattr(check, name, data[name])
            changed.append(name)
    if check.confirmed_how == ConfirmedHow.LINK:
        # Then the customer reads it.
        refuse_unfilled(check.restatement)
    if check.restatement != words:
        _renew_points(complaint, check.restatement)
    if check.restatement != words or "confirmed_how" in changed:
        # New words are not confirmed words.
        confirmed_now = check.confirmed_how not in ("", ConfirmedHow.NOT, ConfirmedHow.LINK)
        check.confirmed_at = at if confirmed_now else None
    check.save()
    complaint.verification = check
    return {"fields": changed} | ({"before": lost} if lost else {})


def _renew_points(complaint: Complaint, restatement: str) -> None:
    """One point a line; a point whose text stays keeps its finding."""
    findings = {point.text: point.finding for point in complaint.points.all()}
    lines = [clean_line(line)[:500] for line in restatement.splitlines() if clean_line(line)]
    complaint.points.all().delete()
    Point.objects.bulk_create(
        Point(complaint=complaint, number=number, text=line, finding=findings.get(line, ""))
        for number, line in enumerate(dict.fromkeys(lines), start=1)
    )


def save_progress(
    complaint_id: int, *, actor: Actor, at: datetime, data: dict[str, Any], version: int | None = None
) -> Complaint:
    """Keep what is known so far without taking the step. Raises NotPermitted, ChangedMeanwhile, texts.TooLong,
    and NotAllowedNow after verification."""
    refuse_too_long(data)
    with transaction.atomic():
        complaint = lock(complaint_id, version=version, actor=actor)
        words = _("Your role does not include this step.")
        refuse_without(permissions.SAVE_VERIFICATION, actor.person, complaint, words)
        if complaint.status != Status.RECEIVED:
            raise NotAllowedNow(complaint.get_status_display())
        said = store(complaint, data, at=at)
        if said["fields"]:
            events.record(complaint, EventKind.VERIFICATION_SAVED, actor=actor, at=at, data=said)
    return complaint


def confirm_restatement(complaint_id: int, *, at: datetime, words: str = "", actor: Actor = CUSTOMER) -> Complaint:
    """The customer confirms our words on the link, before work begins; confirming twice changes nothing.

    Raises NotAllowedNow, TooLong.
    """
    words = read_text(words, OTHERWISE)
    with transaction.atomic():
        complaint = lock(complaint_id)
        check = Verification.objects.filter(complaint=complaint).first()
        if check is None or not check.restatement or complaint.status not in BEFORE_WORK:
            raise NotAllowedNow(complaint.get_status_display())
        if check.is_confirmed:
            return complaint
        check.confirmed_how, check.confirmed_at = ConfirmedHow.LINK, at
        check.save(update_fields=["confirmed_how", "confirmed_at"])
        said = {"words": words} if words else {}
        events.record(complaint, EventKind.RESTATEMENT_CONFIRMED, actor=actor, at=at, data=said, public=True)
    return complaint
