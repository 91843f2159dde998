"""Escalations: a supervisor must sign for it; unsigned, it climbs (SPEC, "Escalation and supervision")."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import authority_of
from complaints.case import events, permissions
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.locking import lock
from complaints.case.permissions import refuse_without
from complaints.choices import Severity
from complaints.errors import GateRefused, Missing, NotAllowedNow, NotPermitted
from complaints.models import Complaint
from complaints.texts import read_line
from followups.escalation import answering
from followups.escalation.ladder import Ladder, named_in
from followups.models import Escalation, Notice, Promise
from followups.outbox import notices

Reason = Escalation.Reason
# What people may escalate for; the other reasons are the desk's own.
BY_HAND = (Reason.MANUAL, Reason.AUTHORITY, Reason.COMPETENCE, Reason.CUSTOMER)


def escalate(
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
    rung: int = 0,
    amount: Decimal | None = None,
) -> Escalation:
    """Escalate a (locked) complaint to the nearest supervisor who is not named in it, or to the top; tells them.

    With a `rung` so many steps above the nearest. With an `amount` in yuan that the actor asks for, to the nearest
    one who may grant it and is not the actor; to the top where nobody may. The same `key` again returns the first
    escalation. Records `escalated`.
    """
    known = Escalation.objects.filter(key=key).first()
    if known is not None:
        return known
    ladder = Ladder(at)
    named = named_in([complaint])[complaint.pk]
    rung = -1 if at_once_to_top else rung
    if amount is not None:
        named |= {actor.colleague.pk}
        rung = _rung_that_may_grant(amount, complaint, ladder, named)
    escalation = build_escalation(complaint, ladder, named, reason=reason, key=key, at=at, promise=promise, rung=rung)
    escalation.note, escalation.tried, escalation.raised_by = note[:500], tried[:500], actor.person
    escalation.save(force_insert=True)
    events.record(complaint, EventKind.ESCALATED, actor=actor, at=at, data=said_of(escalation))
    notices.store(notices_for(escalation, complaint, ladder, named, at))
    return escalation


def build_escalation(
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
    """An escalation at a rung of the ladder (0: the lowest, -1: the top, as the last one is), unsaved."""
    rungs = ladder.rungs(complaint, named)
    begins = rungs[min(rung, len(rungs) - 1)]
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
    """The notices to those who must sign now, unsaved; a key of their own each time it climbs or is repeated.

    Where nobody may sign, administrators are told that somebody is missing, and not what for.
    """
    occasion = f"escalation:{escalation.pk}:{escalation.level}:{escalation.reminders}"
    rung = ladder.rungs(complaint, named)[0]
    if rung.is_unsupervised:
        return answering.nobody_there(complaint, rung.people, "sign", key=occasion, at=at, ladder=ladder)
    data = {"escalation": escalation.pk, "level": escalation.level, "reminders": escalation.reminders}
    return [
        notices.for_person(person, "escalated", complaint=complaint, key=occasion, data=data, at=at, book=ladder.book)
        for person in ladder.at(complaint, named, escalation.team)
    ]


def for_danger(complaint: Complaint, *, at: datetime):
    """Danger to people goes to a supervisor at once, whatever the hour; once a round."""
    if complaint.severity == Severity.DANGER:
        escalate(complaint, reason=Reason.SEVERITY, key=f"danger:{complaint.pk}:{complaint.round}", at=at)


def sign(escalation_id: int, *, note: str, actor: Actor, at: datetime) -> Escalation:
    """A supervisor signs for it, which ends the climbing; `note` may be empty. Signing twice is once.

    Raises Escalation.DoesNotExist, NotPermitted, and NotAllowedNow when somebody else signed, or they themselves
    with another note.
    """
    with transaction.atomic():
        complaint, escalation = locked_to_sign(escalation_id, actor=actor)
        if escalation.signed_at is None:
            sign_on(complaint, escalation, note=note, actor=actor, at=at)
        elif escalation.signed_by_id != actor.colleague.pk:
            raise NotAllowedNow(_("Somebody else signed for this already, or the case ended."))
        elif read_line(note, 500) not in ("", escalation.signed_note):
            raise NotAllowedNow(_("You signed for this already, with another note or by another move."))
    return escalation


def locked_to_sign(escalation_id: int, *, actor: Actor) -> tuple[Complaint, Escalation]:
    """The complaint, locked first, and its escalation, signed or not, for an actor who may sign.

    "Nobody approves their own request": who asks for more than they may grant does not sign for that.
    Raises Escalation.DoesNotExist, NotPermitted.
    """
    complaint = lock(Escalation.objects.values_list("complaint_id", flat=True).get(pk=escalation_id))
    escalation = Escalation.objects.select_for_update(of=("self",), no_key=True).get(pk=escalation_id)
    words = _("Only a supervisor signs for an escalation.")
    refuse_without(permissions.SIGN_ESCALATIONS, actor.person, complaint, words)
    if actor.colleague.pk in escalation.not_for:
        raise NotPermitted(_("Nobody approves their own request."))
    return complaint, escalation


def sign_on(
    complaint: Complaint, escalation: Escalation, *, note: str, actor: Actor, at: datetime, move: dict | None = None
):
    """Sign for an unsigned escalation of a locked complaint; `move` says which de-escalating move it was."""
    escalation.signed_by, escalation.signed_at = actor.person, at
    escalation.signed_note = read_line(note, 500)
    escalation.save(update_fields=["signed_by", "signed_at", "signed_note"])
    data = said_of(escalation) | {"signed_note": escalation.signed_note} | (move or {})
    events.record(complaint, EventKind.ESCALATION_SIGNED, actor=actor, at=at, data=data)


def escalate_by_hand(
    complaint_id: int, *, note: str, tried: str, actor: Actor, at: datetime, reason: str = Reason.MANUAL
) -> Escalation:
    """Staff ask a supervisor for help and say what they tried already ("经常向主管求助").

    The same words again while nobody has signed return the first escalation. Raises GateRefused without
    words, NotPermitted, NotAllowedNow for an archived complaint.
    """
    note, tried = read_line(note, 500), read_line(tried, 500)
    with transaction.atomic():
        complaint = lock(complaint_id)
        words = _("Your role cannot escalate this complaint.")
        refuse_without(permissions.ESCALATE, actor.person, complaint, words)
        if complaint.is_archived:
            raise NotAllowedNow(_("An archived complaint is read-only."))
        missing = [] if note else [Missing("note", _("Write why a supervisor should look at it"), hard=True)]
        if not tried:
            missing.append(Missing("tried", _("Write what was tried already"), hard=True))
        if reason not in BY_HAND:
            missing.append(Missing("reason", _("Choose the reason"), hard=True))
        if missing:
            raise GateRefused(missing)
        same = unsigned(complaint).filter(reason=reason, note=note[:500], tried=tried[:500]).first()
        if same is not None:
            return same
        key = f"manual:{complaint.pk}:{complaint.event_count}"
        return escalate(complaint, reason=reason, key=key, at=at, actor=actor, note=note, tried=tried)


def close_all(complaint: Complaint, *, at: datetime):
    """The case ended: nothing is left to sign for."""
    for escalation in unsigned(complaint):
        close_on(complaint, escalation, because="closed", at=at)


def close_on(complaint: Complaint, escalation: Escalation, *, because: str, at: datetime):
    """Nobody signs any more; `because`: "closed" (the case ended), "approval" (nothing is left to approve)."""
    escalation.signed_at = at
    escalation.save(update_fields=["signed_at"])
    data = said_of(escalation) | {"because": because}
    events.record(complaint, EventKind.ESCALATION_CLOSED, actor=SYSTEM, at=at, data=data)


def said_of(escalation: Escalation) -> dict:
    """What an event says about an escalation."""
    return {
        "escalation": escalation.pk,
        "reason": escalation.reason,
        "note": escalation.note,
        "team": escalation.team_id,
        "level": escalation.level,
    } | ({"promise": escalation.promise_id} if escalation.promise_id else {})


def unsigned(complaint: Complaint) -> QuerySet[Escalation]:
    """What is still to be signed for in a complaint."""
    return complaint.escalations.filter(signed_at__isnull=True)


def _rung_that_may_grant(amount: Decimal, complaint: Complaint, ladder: Ladder, named: frozenset[int]) -> int:
    """The number of the lowest rung with somebody whose limit reaches `amount`; the top one where none does."""
    for number, rung in enumerate(ladder.rungs(complaint, named)):
        if any(authority_of(person, complaint.team) >= amount for person in rung.people):
            return number
    return -1
