"""What a race of verbs needs: a fresh case for each, what everybody does, and which verbs there are."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role
from complaints.case.actors import SYSTEM, Actor
from complaints.choices import Status
from complaints.evidence import attaching
from complaints.models import BulkRun, Category, Complaint
from complaints.queue import bulk
from complaints.steps import lifecycle, options
from followups.models import Promise
from followups.promises import promises
from tests import cases
from tests.cast import Cast, person
from tests.complaints import samples
from tests.followups.board.at_the_board import asked

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SURE = frozenset({"record", "hours", "authority"})
KEY = "3f0c8f0e-6b7a-4f4e-9d3e-2a3a0c7c1d55"


class Desk:
    """The cast, and a fresh case for each race. Its `at` lies two hours ago: everything happens now."""

    def __init__(self, cast: Cast):
        self.cast = cast
        self.now: datetime = timezone.now()
        self.at = self.now - 2 * HOUR
        self.handler, self.supervisor = Actor.staff(cast.handler), Actor.staff(cast.supervisor)
        # Those of the same right, who come at the same moment.
        self.handlers = [Actor.staff(cast.handler), Actor.staff(cast.colleague)]
        self.desks = [SYSTEM]
        self.manners = Category.objects.create(name="Manners")
        other = person("hua.li", (Role.REVIEWER, cast.company))
        self.reviewers = [Actor.staff(cast.reviewer), Actor.staff(other)]
        self.leaders = [Actor.staff(cast.supervisor), Actor.staff(cast.director)]

    def case(self, stage: str = Status.ASSIGNED, **given) -> Complaint:
        return cases.at_stage(self.cast, stage, self.at, **given)

    def escalation(self):
        return asked(self.cast, self.case(), self.at)

    def promise(self) -> Promise:
        made = {"kind": "visit", "words": "We come", "due_at": self.now + 2 * DAY, "confirmed": SURE}
        return promises.make(self.case().pk, **made, actor=self.supervisor, at=self.at)

    def option(self, amount: int = 0):
        return options.offer(
            self.case().pk, words="Money back", amount=Decimal(amount), actor=self.handler, at=self.at
        )

    def file(self) -> attaching.Incoming:
        return attaching.examine(SimpleUploadedFile("a.pdf", samples.pdf()))

    def run(self, count: int = 3) -> BulkRun:
        ids = [self.case(Status.RECEIVED).pk for _each in range(count)]
        chosen = bulk.choose(
            self.cast.supervisor, "category", Complaint.objects.filter(pk__in=ids), at=self.now, data={}
        )
        chosen.values = {"category": self.manners.pk, "reason": "Sorted anew"}
        return chosen


# What each of those who come at once does (their number is given), and how much there is of it afterwards.
Act = Callable[[int], object]
Count = Callable[[], int]


@dataclass(frozen=True)
class Race:
    """`prepare(desk)` returns what everybody does, how to count it, and the cases it is about.

    `once` is by how much the count grows, whoever of them came first.
    """

    verb: str
    prepare: Callable[[Desk], tuple[Act, Count, list[Complaint]]]
    once: int = 1

    def __str__(self):
        return self.verb


def events_of(complaint: Complaint, kind: str) -> Count:
    return lambda: complaint.events.filter(kind=kind).count()


def step(action: str, stage: str, event: str, actors: str, data: Callable[[Desk], dict]) -> Race:
    def prepare(desk: Desk):
        complaint = desk.case(stage)
        if action == "archive":
            cases.finish_callbacks(complaint)
        if action == "take":
            Complaint.objects.filter(pk=complaint.pk).update(handler=None)
        if action == "rework":
            complaint.feedback.update(solved=False, rating=1)
        who, given = getattr(desk, actors), data(desk)

        def act(number: int):
            return lifecycle.perform(
                complaint.pk, action, actor=who[number % len(who)], at=timezone.now(), data=dict(given)
            )

        return act, events_of(complaint, event), [complaint]

    return Race(f"complaints.steps.lifecycle.perform:{action}", prepare)


def on_case(verb: str, event: str, do: Callable, *, stage: str = Status.ASSIGNED) -> Race:
    """`do(desk, complaint, number)` to one case; counted by its events of that kind."""

    def prepare(desk: Desk):
        complaint = desk.case(stage)
        return lambda number: do(desk, complaint, number), events_of(complaint, event), [complaint]

    return Race(verb, prepare)


def on_part(verb: str, make: Callable[[Desk], object], event: str, do: Callable) -> Race:
    """`do(desk, part, number)` to a part of a case; counted by the case's events of that kind."""

    def prepare(desk: Desk):
        part = make(desk)
        return lambda number: do(desk, part, number), events_of(part.complaint, event), [part.complaint]

    return Race(verb, prepare)


def now_by(actors: list[Actor], number: int) -> dict:
    return {"actor": actors[number % len(actors)], "at": timezone.now()}


# Public functions that look like verbs, and why they are none.
NO_VERBS = {
    "complaints.importing.run.run": "one at a time, by an administrator; tests/complaints/importing",
    "complaints.importing.sources.note": "part of an import's row; tests/complaints/importing",
    "complaints.customer.new_links.ask": "writes down what was typed, as often as it is; raced by answer_asked",
    "complaints.steps.lifecycle.perform": "raced by each of its actions",
    "complaints.case.locking.lock": "the lock itself",
    "complaints.writing.reply_templates.text_for": "writes nothing",
    "complaints.writing.reply_templates.with_template": "writes nothing",
    "complaints.intake.repeats.known": "writes nothing",
    "followups.promises.duties.begin": "called by verbs that hold the cases",
    "followups.escalation.escalations.locked_to_sign": "the lock itself",
    "followups.promises.moments.moment_of": "writes nothing",
    "followups.outbox.notices.for_person": "called by verbs that hold the case",
    "followups.outbox.notices.tell_person": "called by verbs that hold the case",
    "followups.posters.posters.of_site": "writes nothing",
    "followups.promises.overpromise.questions_on_moving": "writes nothing",
    "followups.promises.policy_promises.make_standard": "called by verbs that hold the cases",
}
ROOMS = ("accounts", "complaints", "followups")
NOT_HERE = {"migrations", "models", "views", "forms", "templatetags", "management", "admin"}


def verbs() -> Iterator[str]:
    """Every public function that does something at a moment, or by somebody, and is not given a locked case."""
    for room in ROOMS:
        for module in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
            if not NOT_HERE & set(module.name.split(".")):
                yield from _in(import_module(module.name))


def _in(module) -> Iterator[str]:
    for name, function in vars(module).items():
        if not inspect.isfunction(function) or function.__module__ != module.__name__ or name.startswith("_"):
            continue
        given = inspect.signature(function).parameters
        moment = given.get("at")
        acts = "actor" in given or (moment is not None and moment.kind is moment.KEYWORD_ONLY)
        first = next(iter(given.values()), None)
        if acts and first.annotation is not Complaint:
            yield f"{module.__name__}.{name}"
