"""Which promises the organisation makes for a complaint, and by when (SPEC, "Promises")."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.calendars import CalendarBook
from accounts.models import Team
from accounts.working_time import CalendarError
from accounts.working_time_explain import explain_add
from complaints.models import Category, Complaint
from followups.models import PromisePolicy
from followups.models.promise import Clock

# How due_at of a promise that a person made came about: the person said so.
STATED = "stated"


@dataclass(frozen=True)
class Due:
    """The moments of a promise (UTC) and how they came about, as JSON for `Promise.explanation`."""

    due_at: datetime
    warn_at: datetime | None
    long_stop_at: datetime | None
    explanation: dict


def policies_for(complaint: Complaint) -> dict[str, PromisePolicy]:
    """The policies in force for the complaint's severity, by kind of promise.

    A policy for its category beats one for the category above, and that the general one.
    """
    chain = category_chain(complaint.category)
    near = {pk: distance for distance, pk in enumerate([*chain, None])}
    candidates = PromisePolicy.objects.filter(active=True, severity=complaint.severity)
    chosen: dict[str, PromisePolicy] = {}
    for policy in candidates:
        if policy.category_id not in near:
            continue
        rival = chosen.get(policy.kind)
        if rival is None or near[policy.category_id] < near[rival.category_id]:
            chosen[policy.kind] = policy
    return chosen


def category_chain(category: Category | None) -> list[int]:
    """The ids of a category and of those above it, nearest first; a circle ends where it closes."""
    chain: list[int] = []
    while category is not None and category.pk not in chain:
        chain.append(category.pk)
        category = category.parent
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


def due_in(minutes: int, clock: str, *, start: datetime, team: Team, book: CalendarBook) -> tuple[datetime, dict]:
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


def stated(start: datetime, due_at: datetime, tz: str) -> dict:
    """The explanation of a moment that somebody named; `tz` is the zone its reader thinks in."""
    return {"clock": STATED, "start": start.isoformat(), "end": due_at.isoformat(), "tz": tz}
