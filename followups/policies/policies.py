"""Which promises the organisation makes for a complaint, and by when (SPEC, "Promises")."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import TextField

from accounts.held import once
from accounts.models import Team
from accounts.worktime.calendars import CalendarBook
from accounts.worktime.explain import explain_add
from accounts.worktime.working_time import CalendarError
from accounts.written import Given, WrittenRows
from complaints.choices import Severity
from complaints.models import Category, Complaint
from complaints.models.category import CatalogueEntry
from followups.models import PromisePolicy
from followups.models.promise import Clock, PromiseKind

# How due_at of a promise that a person made came about: the person said so.
STATED = "stated"
HOUR, WORKING_DAY = 60, 8 * 60
# What has a date even where no policy is in force: in how many minutes, counted how, and warned how long before.
WITHOUT_POLICY = {
    Severity.DANGER: (HOUR, Clock.CALENDAR, 15),
    Severity.URGENT: (4 * HOUR, Clock.WORKING, 30),
    Severity.NORMAL: (WORKING_DAY, Clock.WORKING, HOUR),
    Severity.COMPLEX: (2 * WORKING_DAY, Clock.WORKING, HOUR),
}
# A second look takes as long whatever it is about.
SECOND_LOOK = (7 * 24 * HOUR, Clock.CALENDAR, 24 * HOUR)
# The new date after a broken one: at least so many minutes later, and doubled so often at most.
SHORTEST_AGAIN, MOST_DOUBLED = 30, 3


@dataclass(frozen=True)
class Due:
    """The moments of a promise (UTC) and how they came about, as JSON for `Promise.explanation`."""

    due_at: datetime
    warn_at: datetime | None
    long_stop_at: datetime | None
    explanation: dict[str, Any]


def policies_for(complaint: Complaint) -> dict[str, PromisePolicy]:
    """The policies in force for the complaint's severity, by kind of promise.

    A policy for its category beats one for the category above, and that the general one.
    """
    chain = category_chain(complaint.category)
    near = {pk: distance for distance, pk in enumerate([*chain, None])}
    chosen: dict[str, PromisePolicy] = {}
    for policy in _in_force(complaint.severity):
        if policy.category_id not in near:
            continue
        rival = chosen.get(policy.kind)
        if rival is None or near[policy.category_id] < near[rival.category_id]:
            chosen[policy.kind] = policy
    return chosen


def policy_or_own(complaint: Complaint, kind: str, *, times_broken: int = 0) -> PromisePolicy:
    """The policy in force for `kind`, else an unsaved one of the desk's own: no duty goes without a date.

    After a promise broke (`times_broken`) it is the desk's own: a quarter of the first time, doubled with each break.
    """
    policy = policies_for(complaint).get(kind)
    if policy is not None and not times_broken:
        return policy
    # How grave it is may not be known yet.
    clock: str
    minutes, clock, warn_minutes = WITHOUT_POLICY[Severity(complaint.severity or Severity.NORMAL)]
    if kind == PromiseKind.APPEAL:
        minutes, clock, warn_minutes = SECOND_LOOK
    if policy is not None:
        minutes, clock = max(policy.minutes // 4, SHORTEST_AGAIN), policy.clock
        warn_minutes = minutes // 4
    minutes *= 2 ** min(max(times_broken - 1, 0), MOST_DOUBLED)
    return PromisePolicy(
        severity=complaint.severity, kind=kind, minutes=minutes, clock=clock, warn_minutes=warn_minutes
    )


# Each complaint that is logged asks for them.
_IN_FORCE = WrittenRows(
    PromisePolicy, lambda policies: policies.filter(active=True, severity=Given("severity", TextField()))
)


@once
def _in_force(severity: str) -> list[PromisePolicy]:
    return _IN_FORCE.instances(severity=severity)


def category_chain(category: Category | None) -> list[int]:
    """The ids of a category and of those above it, nearest first; a circle ends where it closes."""
    chain: list[int] = []
    entry: CatalogueEntry | None = category
    while entry is not None and entry.pk not in chain:
        chain.append(entry.pk)
        entry = entry.parent
    return chain


def due_by(policy: PromisePolicy, *, start: datetime, team: Team, book: CalendarBook) -> Due:
    """When a promise of `policy` is due that starts at `start` (aware), warned of, and broken at the latest."""
    due_at, explanation = due_in(policy.minutes, policy.clock, start=start, team=team, book=book)
    warn_at = None
    if policy.warn_minutes:
        warn_at, _how = due_in(policy.minutes - policy.warn_minutes, policy.clock, start=start, team=team, book=book)
    long_stop_at = None
    if policy.long_stop_minutes:
        long_stop_at = max(due_at, start + timedelta(minutes=policy.long_stop_minutes))
    return Due(due_at, warn_at, long_stop_at, explanation)


def due_in(
    minutes: int, clock: str, *, start: datetime, team: Team, book: CalendarBook
) -> tuple[datetime, dict[str, Any]]:
    """`minutes` from `start` (aware), day and night or in the working time of `team`: (due UTC, explanation).

    Where the team's calendar cannot be counted with, time is counted day and night, and the explanation
    says why: a complaint must be logged whatever state the calendar is in.
    """
    hours, fault = book.of(team), book.of(team).fault
    if clock == Clock.WORKING and not fault:
        try:
            counted = explain_add(start, timedelta(minutes=minutes), hours.calendar)
        except CalendarError as error:
            fault = error.code
        else:
            how = {"clock": Clock.WORKING.value, "minutes": minutes, "calendar": hours.name}
            return counted.end, how | counted.to_json()
    start = start.astimezone(UTC)
    due_at = start + timedelta(minutes=minutes)
    how = stated(start, due_at, hours.calendar.tz) | {"clock": Clock.CALENDAR.value, "minutes": minutes}
    return due_at, how | ({"fault": fault} if fault else {})


def stated(start: datetime, due_at: datetime, tz: str) -> dict[str, Any]:
    """The explanation of a moment that somebody named; `tz` is the zone its reader thinks in."""
    return {"clock": STATED, "start": start.isoformat(), "end": due_at.isoformat(), "tz": tz}
