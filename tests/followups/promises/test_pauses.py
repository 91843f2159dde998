from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from accounts.models import Calendar, CalendarSpan
from accounts.worktime.calendars import CalendarBook
from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.steps import lifecycle
from followups.engine import sweep
from followups.models import Promise
from followups.policies.policies import due_in
from followups.promises import explaining, pauses, promises
from tests.cases import at_stage, resolution_data
from tests.followups.due import make_due

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
State = Promise.State


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, "assigned", at)


def result_of(complaint) -> Promise:
    return complaint.promises.get(kind="resolution", state__in=["open", "kept", "broken"])


def ask(complaint, cast, at):
    """A message to the customer that the case waits for an answer to."""
    messages.say(
        complaint.pk,
        kind="public",
        body="Which pump was it?",
        actor=Actor.staff(cast.handler),
        at=at,
        wait_for_customer=True,
    )


def answer(complaint, at):
    messages.customer_says(complaint.pk, body="Pump 4", at=at)


def test_waiting_stops_the_clock_and_the_answer_starts_it_with_what_was_left(complaint, cast, at):
    before = result_of(complaint)
    ask(complaint, cast, at + HOUR)
    paused = result_of(complaint)
    assert (paused.paused_since, paused.due_at) == (at + HOUR, before.due_at)
    answer(complaint, at + 6 * HOUR)
    after = result_of(complaint)
    assert after.paused_since is None
    assert after.due_at == before.due_at + 5 * HOUR
    assert after.warn_at == before.warn_at + 5 * HOUR
    assert after.cycle == before.cycle + 1
    complaint.refresh_from_db()
    assert complaint.next_due_at == after.due_at


def test_while_it_waits_only_what_still_runs_counts_in_lists(complaint, cast, at):
    ask(complaint, cast, at + HOUR)
    complaint.refresh_from_db()
    assert complaint.next_due_at == result_of(complaint).long_stop_at
    visit = promises.make(
        complaint.pk,
        kind="visit",
        words="A look at the pump",
        due_at=at + 2 * DAY,
        actor=Actor.staff(cast.handler),
        at=at + 2 * HOUR,
    )
    make_due(visit)
    sweep.enforce_batch()
    complaint.refresh_from_db()
    visit.refresh_from_db()
    assert (visit.state, complaint.next_due_at) == (State.BROKEN, visit.due_at)


def test_what_is_stored_is_what_the_history_replays(complaint, cast, at):
    """The promise as made, with every pause of the history taken out, is due when the row says."""
    for hour in (1, 10, 20):
        ask(complaint, cast, at + hour * HOUR)
        answer(complaint, at + (hour + 3) * HOUR)
    promise = result_of(complaint)
    start = datetime.fromisoformat(promise.explanation["start"])
    made_for, _how = due_in(
        promise.policy.minutes,
        promise.policy.clock,
        start=start,
        team=complaint.team,
        book=CalendarBook(around=at),
    )
    intervals = pauses.paused_intervals(complaint)
    assert intervals == [(at + hour * HOUR, at + (hour + 3) * HOUR) for hour in (1, 10, 20)]
    assert promise.due_at == pauses.replay(made_for, intervals, None) == made_for + 9 * HOUR
    said = " ".join(explaining.lines(promise, at))
    assert said.count("did not count") == 3


def test_a_pause_that_goes_on_is_an_open_interval(complaint, cast, at):
    ask(complaint, cast, at + HOUR)
    assert pauses.paused_intervals(complaint) == [(at + HOUR, None)]


def test_a_promise_in_working_time_loses_working_time_only(cast, at):
    calendar = Calendar.objects.create(name="Stations", chinese_holidays=False)
    for weekday in range(5):
        CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=time(8), closes=time(18))
    cast.company.calendar = calendar
    cast.company.save(update_fields=["calendar"])
    cast.hexi.refresh_from_db()
    hours = CalendarBook(around=at).of(cast.hexi).calendar
    wednesday_17 = datetime(2026, 11, 18, 9, tzinfo=UTC)
    due_at = wednesday_17 + HOUR / 2
    # Half an hour of work was left; the answer comes on Saturday.
    saturday = wednesday_17 + 3 * DAY
    assert pauses.replay(due_at, [(wednesday_17, saturday)], hours) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert pauses.replay(due_at, [(due_at, saturday)], hours) == due_at


def test_the_sweep_leaves_a_paused_promise_alone_until_its_long_stop(complaint, cast, at):
    ask(complaint, cast, at + HOUR)
    promise = result_of(complaint)
    complaint.promises.exclude(pk=promise.pk).delete()
    assert promise.due_at < promise.long_stop_at
    with time_machine.travel(promise.long_stop_at - timedelta(seconds=1), tick=False):
        assert sweep.enforce_batch() == 0
        assert sweep.warn_batch() == 0
    with time_machine.travel(promise.long_stop_at, tick=False):
        assert sweep.enforce_batch() == 1
    promise.refresh_from_db()
    assert (promise.state, promise.broken_at) == (State.BROKEN, promise.long_stop_at)
    assert complaint.events.get(kind="promise_broken").data["long_stop"] is True


def test_no_answer_moves_a_promise_beyond_its_long_stop(complaint, cast, at):
    ask(complaint, cast, at + HOUR)
    stop = result_of(complaint).long_stop_at
    answer(complaint, stop + HOUR)
    assert result_of(complaint).due_at == stop


def test_other_promises_run_on(complaint, cast, at):
    visit = promises.make(
        complaint.pk, kind="visit", words="We come", due_at=at + DAY, actor=Actor.staff(cast.handler), at=at + HOUR
    )
    ask(complaint, cast, at + 2 * HOUR)
    visit.refresh_from_db()
    assert visit.paused_since is None


def test_a_promise_made_while_waiting_stands_still_at_once(complaint, cast, at):
    ask(complaint, cast, at + HOUR)
    made = promises.make(
        complaint.pk,
        kind="resolution",
        words="Result",
        due_at=at + DAY,
        actor=Actor.staff(cast.handler),
        at=at + 2 * HOUR,
    )
    assert made.paused_since == at + 2 * HOUR
    answer(complaint, at + 5 * HOUR)
    made.refresh_from_db()
    assert made.due_at == at + DAY + 3 * HOUR


def test_a_promise_that_was_due_before_the_wait_is_not_saved_by_it(complaint, cast, at):
    promise = result_of(complaint)
    ask(complaint, cast, promise.due_at)
    promise.refresh_from_db()
    assert promise.paused_since is None


def test_resolving_ends_the_wait_and_counts_as_told_in_time(complaint, cast, at):
    ask(complaint, cast, at + HOUR)
    late = result_of(complaint).due_at + HOUR
    lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=late, data=resolution_data(cast))
    promise = result_of(complaint)
    assert promise.state == State.KEPT
    complaint.refresh_from_db()
    assert complaint.waiting_since is None
