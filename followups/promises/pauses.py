"""Waiting for the customer pauses the resolution clock; what they send, on any channel, starts it again.

The history is the source: a pause is the interval from `waiting_began` to `waiting_ended`. While it lasts
the promise carries `paused_since` and the sweep leaves it alone, except for its long stop, which never
pauses (SPEC, "Promises").
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce, Greatest

from accounts.worktime.calendars import CalendarBook
from accounts.worktime.working_time import CalendarError, WorkingCalendar, add, between
from complaints.case.event_kinds import EventKind
from complaints.models import Complaint
from followups.models import Promise
from followups.models.promise import PAUSABLE, Clock
from followups.policies.next_due import refresh_next_due
from followups.promises.dates_told import Change

State = Promise.State
# What no policy gives a long stop, waits so long for the customer.
LONGEST_WAIT = timedelta(days=14)


def paused_intervals(complaint: Complaint) -> list[tuple[datetime, datetime | None]]:
    """When the case waited for the customer, replayed from its history; the last may be open (None)."""
    intervals: list[tuple[datetime, datetime | None]] = []
    history = complaint.events.filter(kind__in=[EventKind.WAITING_BEGAN, EventKind.WAITING_ENDED]).order_by("number")
    for kind, at in history.values_list("kind", "at"):
        if kind == EventKind.WAITING_BEGAN:
            intervals.append((at, None))
        else:
            intervals[-1] = (intervals[-1][0], at)
    return intervals


def replay(
    moment: datetime, pauses: Iterable[tuple[datetime, datetime]], calendar: WorkingCalendar | None
) -> datetime:
    """Where `moment` lies once the `pauses` (in order, all ended) are taken out of the clock.

    With a `calendar` the clock counts its working time, without one it runs day and night. A pause that
    began after the moment changes nothing.
    """
    for since, until in pauses:
        if since >= moment:
            continue
        by_the_hour = moment + (until - since)
        try:
            moment = add(until, between(since, moment, calendar), calendar) if calendar else by_the_hour
        except CalendarError:
            # A calendar that hardly ever opens: no deadline lies five years ahead.
            moment = by_the_hour
    return moment


def pause(complaint: Complaint, *, at: datetime) -> None:
    """Stop the clocks of a (locked) complaint that began to wait; what is due already is left to the sweep.

    Nobody waits for ever: what has no long stop gets one.
    """
    running = complaint.promises.filter(state=State.OPEN, kind__in=PAUSABLE, paused_since__isnull=True, due_at__gt=at)
    longest = Greatest("due_at", Value(at + LONGEST_WAIT, output_field=DateTimeField()))
    running.update(paused_since=at, long_stop_at=Coalesce("long_stop_at", longest))
    refresh_next_due(complaint)


def resume(complaint: Complaint, *, at: datetime) -> list[Change]:
    """Start the clocks of a (locked) complaint again: what was left when they stopped is left from `at` on.

    Returns which dates changed, for the customer to be told.
    """
    book, changes = CalendarBook(around=at), []
    paused = complaint.promises.select_for_update(of=("self",), no_key=True).filter(
        state=State.OPEN, paused_since__isnull=False
    )
    for promise in paused:
        since, before = promise.paused_since, promise.due_at
        assert since is not None  # the query says so
        promise.due_at = due_if_resumed(promise, at, book=book)
        if promise.warn_at is not None:
            promise.warn_at = replay(promise.warn_at, [(since, at)], counted_in(promise, book))
        promise.explanation["pauses"] = [*promise.explanation.get("pauses", []), pause_words(since, at)]
        promise.paused_since, promise.cycle = None, promise.cycle + 1
        promise.save(update_fields=["due_at", "warn_at", "explanation", "paused_since", "cycle"])
        changes.append(Change(promise, before, promise.due_at))
    refresh_next_due(complaint)
    return changes


def due_if_resumed(promise: Promise, at: datetime, *, book: CalendarBook | None = None) -> datetime:
    """When an open promise is due if its clock runs from `at` on: its due moment unless it is paused."""
    if promise.paused_since is None:
        return promise.due_at
    calendar = counted_in(promise, book or CalendarBook(around=at))
    due_at = replay(promise.due_at, [(promise.paused_since, at)], calendar)
    return min(due_at, promise.long_stop_at) if promise.long_stop_at is not None else due_at


def counted_in(promise: Promise, book: CalendarBook) -> WorkingCalendar | None:
    """The calendar whose working time the promise counts; None where it counts day and night."""
    working = promise.explanation.get("clock") == Clock.WORKING
    return book.of(promise.complaint.team).calendar if working else None


def pause_words(since: datetime, until: datetime) -> dict[str, Any]:
    """A pause as `Promise.explanation` keeps it."""
    return {"from": since.isoformat(), "to": until.isoformat()}
