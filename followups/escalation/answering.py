"""Who answers for a complaint: whoever is told what its handler would be told. Never nobody.

The handler, if they work on it today; else their deputy; for what waits in a queue the people of the team; else
whoever supervises, team by team upwards; at last the administrators, who are told nothing of the case but where
somebody is missing (SPEC, "Roles": they see no complaint by that role alone).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.access import people_with
from accounts.models import Person, Role
from complaints.choices import Status
from complaints.models import Complaint
from complaints.visibility import roles_on
from followups.escalation.ladder import Ladder
from followups.models import Notice, Verifier
from followups.outbox import notices

# Why it is these people: what a notice to them says beside its news.
HANDLER, DEPUTY, AWAY, LEFT = "handler", "deputy", "away", "left"
QUEUE, TO_ASSIGN, NO_HANDLERS, NOBODY = "queue", "to_assign", "no_handlers", "nobody"
# Told to administrators in the place of any news, in words that say nothing of the case.
NOBODY_THERE = "nobody_there"


@dataclass(frozen=True)
class Answering:
    """Who answers, and why it is they."""

    people: tuple[Person, ...]
    because: str


def who_answers_for(complaint: Complaint, at: datetime, ladder: Ladder | None = None) -> Answering:
    """The people who answer for `complaint` at `at` (aware); `ladder` may be shared by a batch of that moment.

    Empty only where the desk has no administrator either (the ladder logs it).
    """
    ladder = ladder or Ladder(at)
    handler = complaint.handler
    if handler is not None and handler.pk not in complaint.named_ids and ladder.works_on(handler, complaint):
        if handler.pk not in ladder.away():
            return Answering((handler,), HANDLER)
        deputy = ladder.away()[handler.pk]
        if deputy is not None and roles_on(deputy, complaint):
            return Answering((deputy,), DEPUTY)
        return _above(complaint, ladder, AWAY)
    if handler is not None:
        return _above(complaint, ladder, LEFT)
    if complaint.status == Status.VERIFIED:
        return _above(complaint, ladder, TO_ASSIGN)
    waiting_for = _of_the_queue(complaint, ladder)
    return Answering(waiting_for, QUEUE) if waiting_for else _above(complaint, ladder, NO_HANDLERS)


def tell_whoever_answers(
    complaint: Complaint,
    event: str,
    *,
    key: str,
    data: dict,
    at: datetime,
    ladder: Ladder,
    but: Collection[int | None] = (),
    and_above: bool = False,
) -> list[Notice | None]:
    """The notices to those who answer for `complaint`, unsaved; `but` holds ids of people who know already.

    Of what waits in a queue many are told, so with `and_above` whoever supervises them is told too. A handler who is
    away finds it when they are back. Others read why it comes to them (`data["instead"]`).
    """
    found = who_answers_for(complaint, at, ladder)
    if found.because == NOBODY:
        return nobody_there(complaint, found.people, "answer", key=key, at=at, ladder=ladder)
    instead = data | {"instead": found.because}
    told = {person.pk: (person, instead) for person in found.people}
    if and_above and found.because == QUEUE:
        above = _above(complaint, ladder, QUEUE)
        told |= {person.pk: (person, instead) for person in above.people if above.because != NOBODY}
    if found.because in (HANDLER, DEPUTY, AWAY) and complaint.handler is not None:
        told[complaint.handler.pk] = (complaint.handler, data)
    return [
        notices.for_person(person, event, complaint=complaint, key=key, data=said, at=at, book=ladder.book)
        for pk, (person, said) in told.items()
        if pk not in but
    ]


def nobody_there(
    complaint: Complaint, administrators: Iterable[Person], missing: str, *, key: str, at: datetime, ladder: Ladder
) -> list[Notice | None]:
    """The neutral notices to administrators, unsaved; `missing`: somebody to "answer" for it, or to "sign"."""
    data = {"missing": missing}
    return [
        notices.for_person(person, NOBODY_THERE, complaint=complaint, key=key, data=data, at=at, book=ladder.book)
        for person in administrators
    ]


def _of_the_queue(complaint: Complaint, ladder: Ladder) -> tuple[Person, ...]:
    """Who can take it out of the queue today; before it is verified who was named to, else also whoever logged it."""
    out = ladder.away().keys() | complaint.named_ids
    people = list(people_with(Role.HANDLER, complaint.team).order_by("pk"))
    if complaint.status == Status.RECEIVED:
        verifier = Verifier.objects.filter(complaint=complaint).select_related("person").first()
        if verifier is not None and verifier.person_id not in out and _works_on(verifier.person, complaint):
            return (verifier.person,)
        logger = complaint.logged_by
        if logger is not None and _works_on(logger, complaint):
            people = [logger, *(person for person in people if person.pk != logger.pk)]
    return tuple(person for person in people if person.pk not in out)


def _works_on(person: Person, complaint: Complaint) -> bool:
    return person.is_active and bool(roles_on(person, complaint))


def _above(complaint: Complaint, ladder: Ladder, because: str) -> Answering:
    """Whoever supervises next above; the administrators where nobody does."""
    rung = ladder.rungs(complaint, complaint.named_ids)[0]
    return Answering(tuple(rung.people), NOBODY if rung.is_unsupervised else because)
