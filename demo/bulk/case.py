"""One invented complaint with its conversation, results and history, as unsaved rows."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar, cast

from django.db.models import Model

from accounts.models import Person
from complaints.case import events
from complaints.case.actors import CUSTOMER, Actor
from complaints.case.event_kinds import EventKind
from complaints.choices import Channel, ConfirmedHow, Outcome, Status, ToldHow
from complaints.conversation.messages import EVENT_OF
from complaints.intake import receiving
from complaints.models import (
    Complaint,
    ComplaintEvent,
    Customer,
    Feedback,
    Message,
    Point,
    Resolution,
    Verification,
)
from complaints.phones import phone_key
from complaints.search.index import document_of
from demo.bulk.organisation import Organisation, Workplace
from demo.bulk.texts import Story, Teller
from demo.bulk.timeline import SEVERITIES, Life, live

CHANNELS = {Channel.PHONE: 45, Channel.WALK_IN: 20, Channel.WEB: 20, Channel.SOCIAL: 10, Channel.BOOK: 5}
TALK = {Message.Kind.PUBLIC: 45, Message.Kind.INTERNAL: 25, Message.Kind.INBOUND: 30}
LONGEST_TALK = 20
REOPEN_DAYS = 15
# Says of a complaint that it was invented.
SOURCE = {"file": "manage.py fill"}

Row = TypeVar("Row", bound=Model)


@dataclass
class Case:
    """A complaint in the making. `happened` becomes its history, in the order of the moments."""

    complaint: Complaint
    story: Story
    life: Life
    place: Workplace
    rows: dict[type[Model], list[Model]] = field(default_factory=lambda: defaultdict(list))
    happened: list[tuple] = field(default_factory=list)

    def add(self, row: Row) -> Row:
        """Keep a row for later storing."""
        self.rows[type(row)].append(row)
        return row

    def of(self, model: type[Row]) -> list[Row]:
        """The rows of `model`, in the order in which they were added."""
        return cast(list[Row], self.rows[model])  # as add() sorts them

    def happens(self, at: datetime, kind: str, actor: Actor, data: dict | None = None, *, public: bool = False):
        """Note something for the history."""
        self.happened.append((at, kind, actor, data or {}, public))


def _staff(person: Person | None) -> Actor:
    """Somebody who is there at this stage of every invented case. Raises ValueError where nobody is."""
    if person is None:
        raise ValueError("Nobody works on this case")
    return Actor.staff(person)


class CaseMaker:
    """Makes cases as they stand at the moment `at` (aware). `number(model)` gives the key of a new row."""

    def __init__(self, dice: Random, organisation: Organisation, at: datetime, number: Callable[[type], int]):
        self.dice, self.organisation, self.at, self.number = dice, organisation, at, number
        self.teller = Teller(dice)
        # Those who have complained before; the first ones are fleets and never stop.
        self._known: list[Customer] = []

    def make(self, received: datetime, reference: str, *, long_talk: bool, stays_open: bool = False) -> Case:
        """A case received at `received`, with everything but its promises and its history."""
        severity = self._weighted(SEVERITIES)
        life = live(self.dice, received, severity, self.at, stays_open=stays_open)
        site = self.organisation.site(self.dice)
        place = self.organisation.worker(self.dice, site)
        story = self.teller.story((site.team.name_zh or site.team.name, site.team.name), received.month, received.day)
        customer, is_new = self._customer(story, received)
        logged_by = self.dice.choice(site.frontline or site.handlers)
        complaint = receiving.build(
            receiving.Intake(
                narrative=story.narrative,
                channel=self._weighted(CHANNELS),
                team=place.team,
                site=site.team,
                severity=severity,
                desired_outcome=story.wish,
                occurred_at=received - timedelta(hours=self.dice.randint(1, 48)),
                place=story.place,
                customer=customer,
                language=story.language,
                source=SOURCE,
            ),
            received_at=received,
            created_at=received,
            logged_by=logged_by,
        )
        complaint.pk, complaint.reference, complaint.status = self.number(Complaint), reference, life.status
        case = Case(complaint, story, life, place)
        case.add(complaint)
        if is_new:
            case.add(customer)
        if self.dice.random() < 0.005:
            named = Complaint.named_people.through
            case.add(named(pk=self.number(named), complaint=complaint, person=self.dice.choice(place.handlers)))
        said = {"channel": complaint.channel, "severity": severity}
        case.happens(received, EventKind.LOGGED, Actor.staff(logged_by), said, public=True)
        self._stages(case)
        self._talk(case, LONGEST_TALK if long_talk else self.dice.randint(1, 6))
        return case

    def finish(self, case: Case):
        """Chain what happened to a history, and write down what can be found."""
        complaint = case.complaint
        for at, kind, actor, data, public in sorted(case.happened, key=lambda happened: happened[0]):
            event = events.build(complaint, kind, actor=actor, at=at, data=data, public=public)
            event.pk = self.number(ComplaintEvent)
            case.add(event)
        said = [message.body for message in case.of(Message)]
        said += [point.finding for point in case.of(Point)] + [answer.words for answer in case.of(Feedback)]
        said += [text for result in case.of(Resolution) for text in (result.solution, result.told_note)]
        case.add(document_of(complaint, [*said, complaint.lesson, complaint.closing_reason]))

    def _weighted(self, shares: dict):
        return self.dice.choices(list(shares), list(shares.values()))[0]

    def _customer(self, story: Story, at: datetime) -> tuple[Customer, bool]:
        """Somebody new, somebody who complained before, or one of a few who do it all the time."""
        throw = self.dice.random()
        if len(self._known) > 20 and throw < 0.4:
            return (self._known[self.dice.randrange(10)] if throw < 0.01 else self.dice.choice(self._known)), False
        customer = Customer(
            pk=self.number(Customer),
            name=story.name,
            title=story.title,
            phone=story.phone,
            phone_key=phone_key(story.phone),
            language=story.language,
            created_at=at,
        )
        if len(self._known) < 5000:
            self._known.append(customer)
        else:
            self._known[self.dice.randrange(10, 5000)] = customer
        return customer, True

    def _stages(self, case: Case):
        """What each stage that was reached brought."""
        complaint, life = case.complaint, case.life
        by = Actor.staff(self.dice.choice(case.place.handlers))
        if life.verified is None:
            # Says that there is none, so that nobody asks the database.
            relation: Any = Complaint._meta.get_field("verification")  # the stubs take it for its descriptor
            relation.set_cached_value(complaint, None)
            return
        self._verified(case, by, life.verified)
        if life.withdrawn and life.archived is not None:
            self._withdrawn(case, by, life.archived)
        if life.assigned is not None:
            self._assigned(case, life.assigned)
        if life.resolved is not None:
            self._resolved(case, life.resolved)
        if life.feedback is not None:
            self._answered(case, life.feedback)
        if life.archived is not None and not life.withdrawn:
            complaint.closed_at, complaint.lesson = life.archived, case.story.lesson
            complaint.responsibility = case.place.team.name
            said = _moved(Status.FEEDBACK, Status.ARCHIVED) | {"outcome": complaint.outcome}
            case.happens(life.archived, EventKind.ARCHIVED, _staff(complaint.handler), said, public=True)

    def _verified(self, case: Case, by: Actor, at: datetime):
        complaint = case.complaint
        case.add(
            Verification(
                pk=self.number(Verification),
                complaint=complaint,
                identity_confirmed=True,
                evidence_asked=True,
                tried_already=case.story.wish,
                restatement=case.story.restatement,
                confirmed_how=ConfirmedHow.PHONE,
                confirmed_at=at,
            )
        )
        finding = case.story.solution if case.life.resolved else ""
        for place, line in enumerate(case.story.restatement.splitlines(), start=1):
            case.add(Point(pk=self.number(Point), complaint=complaint, number=place, text=line, finding=finding))
        said = _moved(Status.RECEIVED, Status.VERIFIED) | {"fields": []}
        case.happens(at, EventKind.VERIFIED, by, said, public=True)

    def _withdrawn(self, case: Case, by: Actor, at: datetime):
        complaint = case.complaint
        complaint.outcome, complaint.closed_at, complaint.closing_reason = Outcome.WITHDRAWN, at, case.story.wish
        said = _moved(Status.VERIFIED, Status.ARCHIVED) | {"outcome": Outcome.WITHDRAWN, "reason": case.story.wish}
        said["reason_told"] = False
        case.happens(at, EventKind.CLOSED_EARLY, by, said, public=True)

    def _assigned(self, case: Case, at: datetime):
        """Most have a handler; some still wait in the team's queue."""
        complaint = case.complaint
        complaint.category = self.dice.choice(self.organisation.categories)
        if case.life.resolved is not None or self.dice.random() < 0.9:
            complaint.handler = self.dice.choice(case.place.handlers)
        said = _moved(Status.VERIFIED, Status.ASSIGNED) | {
            "category": complaint.category_id,
            "severity": complaint.severity,
            "team": complaint.team_id,
            "handler": complaint.handler_id,
        }
        case.happens(at, EventKind.ASSIGNED, _staff(case.place.supervisor), said, public=True)

    def _resolved(self, case: Case, at: datetime):
        complaint = case.complaint
        complaint.reopen_until = at + timedelta(days=REOPEN_DAYS)
        case.add(
            Resolution(
                pk=self.number(Resolution),
                complaint=complaint,
                round=1,
                cause=self.dice.choice(self.organisation.causes),
                solution=case.story.solution,
                told_how=ToldHow.PHONE,
                told_at=at,
                resolved_by=complaint.handler,
                resolved_at=at,
            )
        )
        said = {"round": 1, "told_how": ToldHow.PHONE, "told_at": at.isoformat(), "message": None}
        said |= _moved(Status.ASSIGNED, Status.RESOLVED)
        case.happens(at, EventKind.RESOLVED, _staff(complaint.handler), said, public=True)

    def _answered(self, case: Case, at: datetime):
        complaint = case.complaint
        rating = self.dice.choices([1, 2, 3, 4, 5], [3, 4, 13, 40, 40])[0]
        given = Feedback(
            pk=self.number(Feedback),
            complaint=complaint,
            round=1,
            solved=rating > 2,
            rating=rating,
            channel=Channel.LINK,
            at=at,
        )
        case.add(given)
        complaint.outcome = Outcome.SOLVED if given.is_satisfied else Outcome.UNSOLVED
        said = {"round": 1, "solved": given.solved, "rating": rating, "channel": Channel.LINK}
        said |= {"satisfied": given.is_satisfied, "unsatisfied": given.is_unsatisfied}
        said |= _moved(Status.RESOLVED, Status.FEEDBACK)
        case.happens(at, EventKind.FEEDBACK_RECORDED, CUSTOMER, said, public=True)
        if case.life.archived is None:
            complaint.outcome = ""

    def _talk(self, case: Case, entries: int):
        """The conversation, between the first contact and the answer of the customer."""
        complaint, life = case.complaint, case.life
        begin = life.contact or life.received
        end = life.feedback or (life.archived if life.withdrawn else None) or self.at
        speaker: Person = complaint.handler or self.dice.choice(case.place.handlers)
        for share in sorted(self.dice.random() for _entry in range(entries)):
            kind = self._weighted(TALK)
            at = begin + (end - begin) * share
            inbound = kind == Message.Kind.INBOUND
            message = Message(
                pk=self.number(Message),
                complaint=complaint,
                kind=kind,
                channel=Channel.LINK if inbound else "",
                author=None if inbound else speaker,
                body=self.teller.message(kind, case.story, (at + timedelta(days=3)).day),
                at=at,
            )
            case.add(message)
            actor = CUSTOMER if inbound else Actor.staff(speaker)
            public = kind != Message.Kind.INTERNAL
            case.happens(at, EVENT_OF[kind], actor, {"message": message.pk}, public=public)


def _moved(came_from: str, to: str) -> dict:
    return {"from": str(came_from), "to": str(to)}
