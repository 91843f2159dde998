"""Verify: make sure that we understood, before anybody works on it ("重复客户所讲的问题")."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role
from complaints import events
from complaints.actors import CUSTOMER, Actor
from complaints.choices import ConfirmedHow, Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.locking import lock
from complaints.models import Complaint, Point, Verification
from complaints.texts import clean_line, clean_text
from complaints.visibility import roles_on

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


def write(complaint: Complaint, step) -> dict:
    """Store what the step brings (only the fields it names); returns what the event says."""
    return store(complaint, step.data, at=step.at)


def store(complaint: Complaint, data: dict, *, at: datetime) -> dict:
    """Write the verification fields present in `data`; returns the names of those that changed."""
    check, _created = Verification.objects.get_or_create(complaint=complaint)
    changed = [name for name in CASE_FIELDS if name in data and getattr(complaint, name) != data[name]]
    for name in changed:
        setattr(complaint, name, data[name])
    if changed:
        complaint.save(update_fields=changed)
    before = check.restatement
    for name in CHECK_FIELDS:
        if name in data and getattr(check, name) != data[name]:
            setattr(check, name, data[name])
            changed.append(name)
    if check.restatement != before:
        _renew_points(complaint, check.restatement)
    if check.restatement != before or "confirmed_how" in changed:
        # New words are not confirmed words.
        confirmed_now = check.confirmed_how not in ("", ConfirmedHow.NOT, ConfirmedHow.LINK)
        check.confirmed_at = at if confirmed_now else None
    check.save()
    complaint.verification = check
    return {"fields": changed}


def _renew_points(complaint: Complaint, restatement: str):
    """One point a line; a point whose text stays keeps its finding."""
    findings = {point.text: point.finding for point in complaint.points.all()}
    lines = [clean_line(line)[:500] for line in restatement.splitlines() if clean_line(line)]
    complaint.points.all().delete()
    Point.objects.bulk_create(
        Point(complaint=complaint, number=number, text=line, finding=findings.get(line, ""))
        for number, line in enumerate(dict.fromkeys(lines), start=1)
    )


def save_progress(
    complaint_id: int, *, actor: Actor, at: datetime, data: dict, version: int | None = None
) -> Complaint:
    """Keep what is known so far without taking the step. Raises NotPermitted, ChangedMeanwhile,
    and NotAllowedNow after verification."""
    with transaction.atomic():
        complaint = lock(complaint_id, version=version, actor=actor)
        if not roles_on(actor.person, complaint) & {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR}:
            raise NotPermitted(_("Your role does not include this step."))
        if complaint.status != Status.RECEIVED:
            raise NotAllowedNow(complaint.get_status_display())
        said = store(complaint, data, at=at)
        if said["fields"]:
            events.record(complaint, "verification_saved", actor=actor, at=at, data=said)
    return complaint


def confirm_restatement(complaint_id: int, *, at: datetime, words: str = "") -> Complaint:
    """The customer confirms our words on the link; confirming twice changes nothing."""
    with transaction.atomic():
        complaint = lock(complaint_id)
        check = Verification.objects.filter(complaint=complaint).first()
        if check is None or not check.restatement or complaint.is_archived:
            raise NotAllowedNow(complaint.get_status_display())
        if check.is_confirmed:
            return complaint
        check.confirmed_how, check.confirmed_at = ConfirmedHow.LINK, at
        check.save(update_fields=["confirmed_how", "confirmed_at"])
        said = {"words": clean_text(words)} if clean_text(words) else {}
        events.record(complaint, "restatement_confirmed", actor=CUSTOMER, at=at, data=said, public=True)
    return complaint
