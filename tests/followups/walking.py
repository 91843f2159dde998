"""Random walks over the verbs of the desk: who does what is drawn, and the clock goes on by as much as is drawn.

One seed is one walk for ever. What a verb refuses counts as tried, not as done. Whatever the desk only logs, and goes
on, is a fault here.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import time_machine
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Person, Team
from complaints.case.actors import Actor
from complaints.case.events import broken_links, chain_hash
from complaints.choices import Status
from complaints.errors import Refused
from complaints.models import Complaint, ComplaintEvent
from followups.models import Notice, Promise, PromisePolicy
from followups.models.promise import PromiseKind
from followups.policies.next_due import next_due_of
from followups.promises import duties
from followups.promises.promises import Questioned
from tests.cast import Cast
from tests.stopped import stopped

BEGINS = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
SHORT, LONG = 30, 80
MOST_CASES = 3
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# How far the clock goes before a step, and how often.
AHEAD = [
    (8, timedelta(seconds=2), timedelta(seconds=40)),
    (10, MINUTE, 50 * MINUTE),
    (6, HOUR, 9 * HOUR),
    (2, DAY, 5 * DAY),
    (1, 10 * DAY, 40 * DAY),
]


class NotHere(Exception):
    """There is nothing in this walk on which the verb could be tried."""


class Fault(AssertionError):
    """What must never be, with the walk and the steps that led there."""


@dataclass
class Verb:
    """One thing that can happen; `stages` are those at which it is drawn, none: always, and without a case."""

    name: str
    do: Callable[["Walk"], object]
    stages: frozenset[str]
    weight: int


VERBS: dict[str, Verb] = {}


def verb(*stages: str, weight: int = 4):
    """Enter a function of the walk as a verb."""

    def enter(do: Callable[["Walk"], object]):
        VERBS[do.__name__] = Verb(do.__name__, do, frozenset(stages), weight)
        return do

    return enter


@dataclass
class Counts:
    """How often each verb was tried and done, and what stood in the way; sums up many walks."""

    tried: Counter = field(default_factory=Counter)
    done: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    stages: Counter = field(default_factory=Counter)
    walks: int = 0
    faults: list[str] = field(default_factory=list)


class Loud(logging.Handler):
    """Keeps what was logged as an error, where the desk goes on by itself."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord):
        self.said.append(self.format(record))


class Walk:
    """One walk of one seed: up to three cases, the people, the clock."""

    def __init__(self, cast: Cast, seed: int, clock: time_machine.Traveller, counts: Counts, loud: Loud):
        self.cast, self.seed, self.clock, self.counts, self.loud = cast, seed, clock, counts, loud
        self.draw = random.Random(seed)
        self.cases: list[int] = []
        self.case: Complaint | None = None
        self.path: list[str] = []
        self.heads: dict[int, tuple[int, str]] = {}
        self._people: dict[int, Person] = {}

    # What verbs ask

    @property
    def at(self) -> datetime:
        return timezone.now()

    def chance(self, share: float) -> bool:
        return self.draw.random() < share

    def one_of(self, found):
        """One of them; raises NotHere where there is none."""
        found = list(found)
        if not found:
            raise NotHere
        return self.draw.choice(found)

    def person(self, name: str) -> Person:
        """A person of the cast as they are now: roles and all."""
        pk = getattr(self.cast, name).pk
        if pk not in self._people:
            self._people[pk] = Person.objects.get(pk=pk)
        return self._people[pk]

    def team(self, name: str) -> Team:
        """A team of the cast as it is now."""
        return Team.objects.get(pk=getattr(self.cast, name).pk)

    def forget_people(self):
        """Somebody's roles changed."""
        self._people.clear()

    def actor(self, *likely: str) -> Actor:
        """Whoever would do it, hardly ever somebody else."""
        everybody = [
            "frontline",
            "handler",
            "colleague",
            "supervisor",
            "director",
            "neighbour",
            "stranger",
            "reviewer",
        ]
        name = self.draw.choice(likely if likely and self.chance(0.93) else everybody)
        return Actor.staff(self.person(name))

    @property
    def handling(self) -> Actor:
        return self.actor("handler", "colleague", "supervisor", "director")

    @property
    def leading(self) -> Actor:
        return self.actor("supervisor", "supervisor", "director")

    @property
    def working(self) -> Actor:
        return self.actor("frontline", "handler", "supervisor")

    # The walk

    def go(self, steps: int):
        self._draw_rules()
        for _number in range(steps):
            self._step()
        for complaint in Complaint.objects.filter(pk__in=self.cases):
            whole = list(complaint.events.order_by("number"))
            self.refuse("; ".join(broken_links(complaint, whole)))
            due = next_due_of([complaint])[complaint.pk]
            self.refuse(f"next_due_at {complaint.next_due_at}, by its promises {due}" * (complaint.next_due_at != due))
        self.counts.walks += 1

    def _draw_rules(self):
        """Now and then a desk without policies, or with some of them only."""
        if self.chance(0.1):
            PromisePolicy.objects.update(active=False)
        elif self.chance(0.2):
            off = self.draw.sample(list(PromisePolicy.objects.values_list("pk", flat=True)), 6)
            PromisePolicy.objects.filter(pk__in=off).update(active=False)

    def _step(self):
        self._go_on()
        self.case = self._chosen_case()
        while not self._try(self._chosen_verb()):
            pass
        self.look()

    def _try(self, chosen: Verb) -> bool:
        """Whether there was something to try it on."""
        stage = self.case.status if self.case is not None else "-"
        self.path.append(f"{self.at:%m-%d %H:%M:%S} {self.case and self.case.reference} {stage} {chosen.name}")
        try:
            with transaction.atomic():
                chosen.do(self)
        except NotHere:
            self.path.pop()
            return False
        except (Refused, Questioned) as refused:
            self.path[-1] += f" refused: {refused}"
            self.counts.refused[f"{chosen.name}: {refused}"[:120]] += 1
        except Exception as error:
            raise Fault(self._words(f"{type(error).__name__}: {error}")) from error
        else:
            self.counts.done[chosen.name] += 1
            self.counts.stages[stage] += 1
        self.counts.tried[chosen.name] += 1
        return True

    def _go_on(self):
        ahead = self.draw.choices(AHEAD, [weight for weight, *_rest in AHEAD])[0]
        self.clock.shift(ahead[1] + (ahead[2] - ahead[1]) * self.draw.random())

    def _chosen_case(self) -> Complaint | None:
        if not self.cases:
            return None
        # Mostly one that is open.
        still = list(Complaint.objects.open().filter(pk__in=self.cases).order_by("pk").values_list("pk", flat=True))
        pk = self.draw.choice(still if still and self.chance(0.9) else self.cases)
        return Complaint.objects.select_related("customer", "team", "handler").get(pk=pk)

    def _chosen_verb(self) -> Verb:
        if self.case is None:
            return VERBS["log" if self.chance(0.7) else "import_case"]
        status = self.case.status
        fitting = [each for each in VERBS.values() if not each.stages or status in each.stages or self.chance(0.02)]
        return self.draw.choices(fitting, [each.weight for each in fitting])[0]

    # What must hold after every step

    def look(self):
        with connection.cursor() as cursor:
            # The sweep's short patience would last as long as the transaction around all walks.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'; SET LOCAL lock_timeout = '1min'")
        said, self.loud.said = self.loud.said, []
        self.refuse("\n".join(said))
        self.refuse(", ".join(f"{orphan.reference}: {orphan.lacks}" for orphan in duties.audit()))
        called = Promise.objects.filter(complaint=OuterRef("complaint"), kind=PromiseKind.TELL, state="open")
        uncalled = Notice.objects.filter(~Exists(called), state=Notice.State.TO_SAY).values_list("key", flat=True)
        self.refuse(", ".join(f"nobody is to call for {key}" for key in uncalled))
        heads = Complaint.objects.filter(pk__in=self.cases)
        for pk, reference, count, last in heads.values_list("pk", "reference", "event_count", "last_event_hash"):
            self._look_at_history(pk, reference, count, last)

    def _look_at_history(self, pk: int, reference: str, count: int, last: str):
        """What was written since the last step follows from what stood there, and the head is its end."""
        number, previous = self.heads.get(pk, (0, ""))
        if (number, previous) == (count, last):
            return
        for event in ComplaintEvent.objects.filter(complaint=pk, number__gt=number).order_by("number"):
            number += 1
            whole = (event.number, event.previous_hash) == (number, previous)
            if not whole or event.hash != chain_hash(event, reference):
                self.refuse(f"the history of {reference} breaks at {number} ({event.kind})")
            previous = event.hash
        self.refuse(f"the head of {reference} is {count}, its events {number}" * ((number, previous) != (count, last)))
        self.heads[pk] = (number, previous)

    def refuse(self, fault: str):
        if fault:
            raise Fault(self._words(fault))

    def _words(self, fault: str) -> str:
        return "\n".join([f"walk {self.seed}: {fault}", *self.path[-25:]])


def walk(cast: Cast, seed: int, steps: int) -> Counts:
    """Walk at least `steps` steps, many short walks one after the other, each undone at its end, or at its fault."""
    draw, counts, loud = random.Random(seed), Counts(), Loud()
    with _listening(loud), stopped(BEGINS) as clock:
        number = 0
        while sum(counts.tried.values()) < steps:
            with transaction.atomic():
                clock.move_to(BEGINS + draw.random() * 300 * DAY)
                try:
                    Walk(cast, seed * 1000 + number, clock, counts, loud).go(draw.randint(SHORT, LONG))
                except Fault as fault:
                    counts.faults.append(str(fault))
                transaction.set_rollback(True)
            number += 1
    return counts


@contextmanager
def _listening(loud: Loud):
    loggers = [logging.getLogger(name) for name in ("followups", "complaints", "accounts")]
    for logger in loggers:
        logger.addHandler(loud)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(loud)


OPEN = [status for status in Status if status != Status.ARCHIVED]
