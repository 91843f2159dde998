"""Escalations: a supervisor must sign for it; unsigned, it climbs (SPEC, "Escalation and supervision")."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role
from complaints import events
from complaints.actors import SYSTEM, Actor
from complaints.choices import Severity
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.locking import lock
from complaints.models import Complaint
from complaints.texts import clean_line
from complaints.visibility import roles_on
from followups import notices
from followups.ladder import Ladder, named_in
from followups.models import Escalation, Notice, Promise

Reason = Escalation.Reason
WORKING = {Role.FRONTLINE, Role.HANDLER, Role.SUPERVISOR}
# What people may escalate for; the other reasons are the desk's own.
BY_HAND = (Reason.MANUAL, Reason.AUTHORITY, Reason.COMPETENCE, Reason.CUSTOMER)


def raise_(
    complaint: Complaint,
    *,
    reason: str,
    key: str,
    at: datetime,
    actor: Actor = SYSTEM,
    note: str = "",
    tried: str = "",
    promise: Promise | None = None,
    at_once_to_top: bool = False,
) -> Escalation:
    """Escalate a (locked) complaint to the nearest supervisor who is not named in it, or to the top; tells them.

    The same `key` again returns the first escalation. Records `escalated`.
    """
    known = Escalation.objects.filter(key=key).first()
    if known is not None:
        return known
    ladder = Ladder(at)
    named = named_in([complaint])[complaint.pk]
    rung = -1 if at_once_to_top else 0
    escalation = new(complaint, ladder, named, reason=reason, key=key, at=at, promise=promise, rung=rung)
    escalation.note, escalation.tried, escalation.raised_by = note[:500], tried[:500], actor.person
    escalation.save(force_insert=True)
    events.record(complaint, "escalated", actor=actor, at=at, data=said_of(escalation))
    notices.store(notices_for(escalation, complaint, ladder, named, at))
    return escalation


def new(
    complaint: Complaint,
    ladder: Ladder,
    named: frozenset[int],
    *,
    reason: str,
    key: str,
    at: datetime,
    promise: Promise | None = None,
    rung: int = 0,
) -> Escalation:
    """An escalation at a rung of the ladder (0: the lowest, -1: the top), unsaved."""
    begins = ladder.rungs(complaint, named)[rung]
    return Escalation(
        complaint=complaint,
        promise=promise,
        key=key,
        reason=reason,
        raised_at=at,
        team=begins.team,
        at_top=begins.top,
        sign_by=ladder.sign_by(complaint, begins.team, at),
    )


def notices_for(
    escalation: Escalation, complaint: Complaint, ladder: Ladder, named: frozenset[int], at: datetime
) -> list[Notice | None]:
    """The notices to those who must sign now, unsaved; a key of their own each time it climbs or is repeated."""
    occasion = f"escalation:{escalation.pk}:{escalation.level}:{escalation.reminders}"
    data = {"escalation": escalation.pk, "level": escalation.level, "reminders": escalation.reminders}
    return [
        notices.for_person(person, "escalated", complaint=complaint, key=occasion, data=data, at=at, book=ladder.book)
        for person in ladder.at(complaint, named, escalation.team)
    ]


def for_danger(complaint: Complaint, *, at: datetime):
    """Danger to people goes to a supervisor at once, whatever the hour; once a round."""
    if complaint.severity == Severity.DANGER:
        raise_(complaint, reason=Reason.SEVERITY, key=f"danger:{complaint.pk}:{complaint.round}", at=at)


def sign(escalation_id: int, *, note: str, actor: Actor, at: datetime) -> Escalation:
    """A supervisor signs for it, which ends the climbing; `note` may be empty. Signing twice is once.

    Raises Escalation.DoesNotExist, NotPermitted, and NotAllowedNow when somebody else signed.
    """
    with transaction.atomic():
        complaint = lock(Escalation.objects.values_list("complaint_id", flat=True).get(pk=escalation_id))
        escalation = Escalation.objects.select_for_update(of=("self",)).get(pk=escalation_id)
        if actor.person is None or Role.SUPERVISOR not in roles_on(actor.person, complaint):
            raise NotPermitted(_("Only a supervisor signs for an escalation."))
        if escalation.signed_at is not None:
            if escalation.signed_by_id == actor.person.pk:
                return escalation
            raise NotAllowedNow(_("Somebody else signed for this already, or the case ended."))
        escalation.signed_by, escalation.signed_at = actor.person, at
        escalation.signed_note = clean_line(note)[:500]
        escalation.save(update_fields=["signed_by", "signed_at", "signed_note"])
        data = said_of(escalation) | {"signed_note": escalation.signed_note}
        events.record(complaint, "escalation_signed", actor=actor, at=at, data=data)
    return escalation


def manual(
    complaint_id: int, *, note: str, tried: str, actor: Actor, at: datetime, reason: str = Reason.MANUAL
) -> Escalation:
    """Staff ask a supervisor for help and say what they tried already ("经常向主管求助").

    The same words again while nobody has signed return the first escalation. Raises GateRefused without
    words, NotPermitted, NotAllowedNow for an archived complaint.
    """
    note, tried = clean_line(note), clean_line(tried)
    with transaction.atomic():
        complaint = lock(complaint_id)
        if actor.person is None or not roles_on(actor.person, complaint) & WORKING:
            raise NotPermitted(_("Your role cannot escalate this complaint."))
        if complaint.is_archived:
            raise NotAllowedNow(_("An archived complaint is read-only."))
        missing = [] if note else [Missing("note", _("Write why a supervisor should look at it"), hard=True)]
        if not tried:
            missing.append(Missing("tried", _("Write what was tried already"), hard=True))
        if reason not in BY_HAND:
            missing.append(Missing("reason", _("Choose the reason"), hard=True))
        if missing:
            raise GateRefused(missing)
        same = complaint.escalations.filter(signed_at__isnull=True, note=note[:500], tried=tried[:500]).first()
        if same is not None:
            return same
        key = f"manual:{complaint.pk}:{complaint.event_count}"
        return raise_(complaint, reason=reason, key=key, at=at, actor=actor, note=note, tried=tried)


def close_all(complaint: Complaint, *, at: datetime):
    """The case ended: nothing is left to sign for."""
    for escalation in complaint.escalations.filter(signed_at__isnull=True):
        escalation.signed_at = at
        escalation.save(update_fields=["signed_at"])
        events.record(complaint, "escalation_closed", actor=SYSTEM, at=at, data=said_of(escalation))


def said_of(escalation: Escalation) -> dict:
    """What an event says about an escalation."""
    return {
        "escalation": escalation.pk,
        "reason": escalation.reason,
        "note": escalation.note,
        "team": escalation.team_id,
        "level": escalation.level,
    } | ({"promise": escalation.promise_id} if escalation.promise_id else {})
