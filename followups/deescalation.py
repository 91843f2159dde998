"""The three moves that calm a dispute: change the person, the place, the time ("三变法").

Each answers an escalation: what is agreed is done and the escalation is signed for, in one transaction, and
the event `escalation_signed` names the move. The same form sent twice acts once.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Person, Team
from complaints import lifecycle
from complaints.actors import Actor
from complaints.errors import NotAllowedNow
from complaints.models import Complaint
from followups import promises
from followups.escalations import locked_to_sign, sign_on
from followups.models import Escalation, Promise
from followups.models.promise import PromiseKind

PERSON, PLACE, TIME = "person", "place", "time"


def change_person(
    escalation_id: int, *, team: Team, handler: Person | None, reason: str, actor: Actor, at: datetime
) -> Escalation:
    """Somebody else takes over: the case is reassigned to `handler`, or to the queue of `team`.

    Raises what lifecycle.perform() and escalations.sign() raise.
    """
    data = {"team": team, "handler": handler, "reason": reason}

    def reassign(complaint: Complaint):
        lifecycle.perform(complaint.pk, "reassign", actor=actor, at=at, data=data)

    return _answer(escalation_id, PERSON, reassign, note=reason, actor=actor, at=at)


def change_place(
    escalation_id: int,
    *,
    words: str,
    due_at: datetime,
    actor: Actor,
    at: datetime,
    confirmed: frozenset[str] = frozenset(),
) -> Escalation:
    """They talk face to face in another place: a visit is promised, `words` say where.

    `due_at` and `confirmed` as in promises.make(). Raises what it and escalations.sign() raise.
    """

    def promise(complaint: Complaint):
        promises.make(
            complaint.pk, kind=PromiseKind.VISIT, words=words, due_at=due_at, actor=actor, at=at, confirmed=confirmed
        )

    return _answer(escalation_id, PLACE, promise, note=words, actor=actor, at=at)


def change_time(
    escalation_id: int,
    *,
    promise_id: int | None,
    words: str,
    due_at: datetime,
    actor: Actor,
    at: datetime,
    confirmed: frozenset[str] = frozenset(),
) -> Escalation:
    """Another time is agreed: a promise of the case is moved, or without `promise_id` a reply is promised.

    `words` are the reason, or what is promised; `due_at` and `confirmed` as in promises.make(). Raises
    Promise.DoesNotExist for one of another case, and what promises.move() or make() and escalations.sign() raise.
    """
    said = {"due_at": due_at, "actor": actor, "at": at, "confirmed": confirmed}

    def agree(complaint: Complaint):
        if promise_id is None:
            promises.make(complaint.pk, kind=PromiseKind.REPLY, words=words, **said)
        else:
            promises.move(complaint.promises.get(pk=promise_id).pk, reason=words, **said)

    return _answer(escalation_id, TIME, agree, note=words, actor=actor, at=at)


def movable(complaint: Complaint, *, at: datetime) -> QuerySet[Promise]:
    """The promises of a complaint that can still be moved at `at`, what is due first standing first.

    Not those of the call desk, which moves them on by calling.
    """
    running = complaint.promises.filter(state=Promise.State.OPEN, due_at__gt=at, paused_since__isnull=True)
    return running.exclude(kind=PromiseKind.CALLBACK, words="").order_by("due_at", "pk")


def _answer(
    escalation_id: int, move: str, act: Callable[[Complaint], None], *, note: str, actor: Actor, at: datetime
) -> Escalation:
    """Lock, act, sign. Raises NotAllowedNow when it was signed for otherwise."""
    with transaction.atomic():
        complaint, escalation = locked_to_sign(escalation_id, actor=actor)
        if escalation.signed_at is not None:
            if escalation.signed_by_id == actor.person.pk and _moved_by(complaint, escalation) == move:
                return escalation
            raise NotAllowedNow(_("Somebody signed for this already, or the case ended."))
        act(complaint)
        # Acting went on with the history; what was read before it is old.
        complaint.refresh_from_db()
        sign_on(complaint, escalation, note=note, actor=actor, at=at, move=move)
    return escalation


def _moved_by(complaint: Complaint, escalation: Escalation) -> str:
    signed = complaint.events.filter(kind="escalation_signed", data__escalation=escalation.pk).last()
    return signed.data.get("move", "") if signed else ""
