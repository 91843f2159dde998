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
from complaints.case.actors import Actor
from complaints.case.event_kinds import EventKind
from complaints.case.once import digest_of
from complaints.errors import NotAllowedNow
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups.escalation.escalations import locked_to_sign, sign_on
from followups.models import Escalation, Promise
from followups.models.promise import PromiseKind
from followups.promises import promises

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

    agreed = digest_of(team, handler, reason)
    return _answer(escalation_id, PERSON, reassign, note=reason, agreed=agreed, actor=actor, at=at)


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

    return _answer(escalation_id, PLACE, promise, note=words, agreed=digest_of(words, due_at), actor=actor, at=at)


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

    def agree(complaint: Complaint):
        if promise_id is None:
            promises.make(
                complaint.pk,
                kind=PromiseKind.REPLY,
                words=words,
                due_at=due_at,
                actor=actor,
                at=at,
                confirmed=confirmed,
            )
        else:
            moved = complaint.promises.get(pk=promise_id).pk
            promises.move(moved, due_at=due_at, reason=words, actor=actor, at=at, confirmed=confirmed)

    agreed = digest_of(promise_id, words, due_at)
    return _answer(escalation_id, TIME, agree, note=words, agreed=agreed, actor=actor, at=at)


def movable(complaint: Complaint, *, at: datetime) -> QuerySet[Promise]:
    """The promises of a complaint that can still be moved at `at`, what is due first standing first.

    Not those of the call desk, which moves them on by calling.
    """
    running = complaint.promises.filter(state=Promise.State.OPEN, due_at__gt=at, paused_since__isnull=True)
    return running.exclude(kind=PromiseKind.CALLBACK, words="").order_by("due_at", "pk")


def _answer(
    escalation_id: int,
    move: str,
    act: Callable[[Complaint], None],
    *,
    note: str,
    agreed: str,
    actor: Actor,
    at: datetime,
) -> Escalation:
    """Lock, act, sign. `agreed` is the digest of what the form said: only the very same sent twice acts once.

    Raises NotAllowedNow when it was signed for otherwise.
    """
    said = {"move": move, "agreed": agreed}
    with transaction.atomic():
        complaint, escalation = locked_to_sign(escalation_id, actor=actor)
        if escalation.signed_at is not None:
            if escalation.signed_by_id == actor.colleague.pk and _moved_by(complaint, escalation) == said:
                return escalation
            raise NotAllowedNow(_("Somebody signed for this already, or the case ended."))
        act(complaint)
        # Acting went on with the history; what was read before it is old.
        complaint.refresh_from_db()
        sign_on(complaint, escalation, note=note, actor=actor, at=at, move=said)
    return escalation


def _moved_by(complaint: Complaint, escalation: Escalation) -> dict:
    signed = complaint.events.filter(kind=EventKind.ESCALATION_SIGNED, data__escalation=escalation.pk).last()
    return {name: signed.data.get(name, "") for name in ("move", "agreed")} if signed else {}
