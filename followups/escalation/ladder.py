"""Who must sign for an escalation, team by team upwards; it never ends in nobody (SPEC, "Escalation")."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.absences import deputies_at
from accounts.access import Reach, reaches_of, supervisors_above
from accounts.models import DeskRules, Person, Role, Team
from accounts.worktime.calendars import CalendarBook
from accounts.worktime.working_time import CalendarError, add
from complaints.choices import Severity
from complaints.models import Complaint
from complaints.visibility import roles_on

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rung:
    """One team of the ladder and who signs there; `top` when nobody stands above.

    Where nobody supervises at all these are the administrators (`is_unsupervised`): they read nothing of the case.
    """

    team: Team
    people: list[Person]
    top: bool
    is_unsupervised: bool = False


class Ladder:
    """The ladders of teams as they are at one moment (aware), each read once for one step or one batch.

    `book` holds the teams' hours. Who is away is skipped, unless a deputy may sign in their place.
    """

    def __init__(self, at: datetime):
        self.book = CalendarBook(around=at)
        self._at = at
        self._away: dict[int, Person | None] | None = None
        self._rungs: dict[tuple, list[Rung]] = {}
        self._sign_within: timedelta | None = None
        self._reaches: dict[int, Reach] = {}

    def rungs(self, complaint: Complaint, named: frozenset[int]) -> list[Rung]:
        """The rungs for `complaint`, nearest team first, without the people `named` in it; at least one.

        "If a team has no supervisor it goes to the nearest above who has one." Where nobody supervises
        at all, the administrators are told, who can appoint somebody.
        """
        key = (complaint.team_id, named)
        if key not in self._rungs:
            everybody = supervisors_above(complaint.team, excluding=named)
            # Where all are away they are told nevertheless: better than nobody.
            supervised = self._present(everybody) or everybody
            found = supervised or [self._nobody(complaint.team, named)]
            last = len(found) - 1
            self._rungs[key] = [
                Rung(team, people, top=number == last, is_unsupervised=not supervised)
                for number, (team, people) in enumerate(found)
            ]
        return self._rungs[key]

    def above(self, complaint: Complaint, named: frozenset[int], team: Team) -> Rung | None:
        """The next rung above `team`; None at the top."""
        return next((rung for rung in self.rungs(complaint, named) if rung.team.depth < team.depth), None)

    def at(self, complaint: Complaint, named: frozenset[int], team: Team) -> list[Person]:
        """Who signs in `team` now; those of the next team above where its supervisors are gone or away."""
        rungs = self.rungs(complaint, named)
        return next((rung for rung in rungs if rung.team.depth <= team.depth), rungs[-1]).people

    def with_deputy(self, person: Person, complaint: Complaint) -> list[Person]:
        """Who is told what `person` is to be told: also the deputy of somebody away, if the case is theirs to see."""
        deputy = self.away().get(person.pk)
        if deputy is None or not roles_on(deputy, complaint):
            return [person]
        return [person, deputy]

    def works_on(self, person: Person, complaint: Complaint) -> bool:
        """Whether `person` can sign in and holds a role in which the complaint can be handled (being away or not)."""
        self.learn_handlers([complaint])
        if person.pk not in self._reaches:
            self._reaches |= reaches_of([person.pk])
        over = self._reaches[person.pk]
        handles = over.covers(Role.HANDLER, complaint.team_id, complaint.site_id)
        supervises = over.covers(Role.SUPERVISOR, complaint.team_id, complaint.site_id)
        return person.is_active and (handles or supervises)

    def learn_handlers(self, complaints: Iterable[Complaint]):
        """Read where all handlers of a batch work, in one query."""
        handlers = {complaint.handler_id for complaint in complaints if complaint.handler_id is not None}
        unknown = handlers - self._reaches.keys()
        if unknown:
            self._reaches |= reaches_of(unknown)

    def away(self) -> dict[int, Person | None]:
        """Who is away at the ladder's moment, with their deputies; read once."""
        if self._away is None:
            self._away = deputies_at(self._at)
        return self._away

    def _present(self, found: list[tuple[Team, list[Person]]]) -> list[tuple[Team, list[Person]]]:
        """The rungs with deputies in the place of those away; only who supervises the team as well may sign."""
        away = self.away()
        may_sign = {person for _team, people in found for person in people}
        rungs = []
        for team, people in found:
            signing = [away.get(person.pk) if person.pk in away else person for person in people]
            present = list(dict.fromkeys(person for person in signing if person in may_sign))
            if present:
                rungs.append((team, present))
        return rungs

    def sign_by(self, complaint: Complaint, team: Team, at: datetime) -> datetime:
        """By when somebody of `team` signs: the rules' time, in working hours, but at once for danger."""
        if self._sign_within is None:
            self._sign_within = timedelta(minutes=DeskRules.current().sign_within_minutes)
        if complaint.severity == Severity.DANGER:
            return at + self._sign_within
        try:
            return add(at, self._sign_within, self.book.of(team).calendar)
        except CalendarError:
            return at + self._sign_within

    def _nobody(self, team: Team, named: frozenset[int]) -> tuple[Team, list[Person]]:
        root = Team.objects.get(pk=team.path_ids[0])
        people = Person.objects.filter(is_active=True).exclude(pk__in=named).order_by("pk")
        administrators = list(people.filter(memberships__role=Role.ADMINISTRATOR).distinct())
        found = administrators or list(people.filter(is_superuser=True))
        if not found:
            log.error("Nobody supervises %s, and there is no administrator: escalations reach nobody", team)
        return root, found


def named_in(complaints: list[Complaint]) -> dict[int, frozenset[int]]:
    """The ids of the people named in each complaint, by its id; one query. They never sign for it."""
    through = Complaint.named_people.through.objects.filter(complaint__in=[c.pk for c in complaints])
    named: dict[int, set[int]] = {complaint.pk: set() for complaint in complaints}
    for complaint_id, person_id in through.values_list("complaint_id", "person_id"):
        named[complaint_id].add(person_id)
    return {pk: frozenset(people) for pk, people in named.items()}
