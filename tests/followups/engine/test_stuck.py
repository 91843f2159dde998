from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import Calendar, CalendarSpan, DeskRules
from complaints.case import events
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.conversation import messages
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups import clock
from followups.engine import stuck, sweep
from followups.models import Escalation, Notice
from tests.cases import archive_data, at_stage, logged, resolution_data

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT_AND_DAY = timedelta(hours=16)


def look_at(complaint: Complaint) -> datetime | None:
    return Complaint.objects.values_list("stuck_check_at", flat=True).get(pk=complaint.pk)


def found(complaint: Complaint):
    return complaint.escalations.filter(reason=Escalation.Reason.STUCK)


@pytest.fixture
def long_ago(now) -> datetime:
    """Longer ago than the rule allows."""
    return now - 2 * DAY


def test_whatever_a_person_or_the_customer_does_sets_the_clock_back(cast, at):
    complaint = at_stage(cast, "assigned", at)
    assert look_at(complaint) == at + timedelta(minutes=2) + NIGHT_AND_DAY
    messages.customer_says(complaint.pk, body="Any news?", at=at + HOUR)
    assert look_at(complaint) == at + HOUR + NIGHT_AND_DAY
    messages.say(complaint.pk, kind="internal", body="Rang them", actor=Actor.staff(cast.handler), at=at + 2 * HOUR)
    assert look_at(complaint) == at + 2 * HOUR + NIGHT_AND_DAY


def test_what_the_desk_does_by_itself_does_not(cast, at):
    complaint = logged(cast, at)
    events.record(complaint, EventKind.WAITING_ENDED, actor=SYSTEM, at=at + 5 * HOUR)
    assert look_at(complaint) == at + NIGHT_AND_DAY


def test_it_is_escalated_once_for_the_last_thing_that_happened(cast, long_ago):
    complaint = at_stage(cast, "assigned", long_ago)
    assert sweep.stuck_batch() == 1
    escalation = found(complaint).get()
    assert (escalation.team, look_at(complaint)) == (cast.west, None)
    assert Notice.objects.get(event="escalated", person=cast.supervisor).complaint == complaint
    event = complaint.events.get(kind="escalated", data__reason="stuck")
    assert event.data["escalation"] == escalation.pk
    assert sweep.stuck_batch() == 0
    messages.customer_says(complaint.pk, body="Any news?", at=long_ago + HOUR)
    assert sweep.stuck_batch() == 1
    assert found(complaint).count() == 2


def test_the_hours_are_those_of_the_team(cast):
    """Friday 16:00 with two hours a day left: sixteen working hours are over on Wednesday, not on Saturday."""
    calendar = Calendar.objects.create(name="Shop", chinese_holidays=False)
    for weekday in range(5):
        CalendarSpan.objects.create(calendar=calendar, weekday=weekday, opens=time(10), closes=time(18))
    cast.company.calendar = calendar
    cast.company.save(update_fields=["calendar"])
    friday = datetime(2026, 11, 13, 8, tzinfo=UTC)
    complaint = logged(cast, friday)
    saturday, tuesday_at_four = friday + DAY, datetime(2026, 11, 17, 8, tzinfo=UTC)
    stuck.raise_due([complaint.pk], saturday)
    assert not found(complaint).exists()
    assert look_at(complaint) == tuesday_at_four
    stuck.raise_due([complaint.pk], tuesday_at_four - timedelta(seconds=1))
    assert not found(complaint).exists()
    stuck.raise_due([complaint.pk], tuesday_at_four)
    assert found(complaint).count() == 1


def test_the_rule_can_be_changed(cast, at):
    DeskRules.objects.create(pk=1, stuck_after_hours=40)
    complaint = logged(cast, at)
    assert look_at(complaint) == at + 40 * HOUR


def test_waiting_for_the_customer_is_not_being_stuck(cast, at):
    complaint = at_stage(cast, "assigned", at)
    messages.say(
        complaint.pk,
        kind="public",
        body="Which pump?",
        actor=Actor.staff(cast.handler),
        at=at + HOUR,
        wait_for_customer=True,
    )
    assert look_at(complaint) is None
    messages.customer_says(complaint.pk, body="Pump 4", at=at + 3 * HOUR)
    assert look_at(complaint) == at + 3 * HOUR + NIGHT_AND_DAY


def test_after_the_result_a_call_is_owed_instead_and_the_archive_is_quiet(cast, at):
    complaint = at_stage(cast, "assigned", at)
    actor = Actor.staff(cast.handler)
    lifecycle.perform(complaint.pk, "resolve", actor=actor, at=at + HOUR, data=resolution_data(cast))
    assert look_at(complaint) is None
    archived = at_stage(cast, "archived", at)
    assert look_at(archived) is None
    reopened = lifecycle.perform(
        archived.pk, "reopen", actor=actor, at=at + 2 * HOUR, data={"reason": "The pump is wrong again"}
    )
    assert look_at(reopened) == at + 2 * HOUR + NIGHT_AND_DAY
    assert archive_data(cast)["lesson"] == reopened.rounds.get().lesson


def test_a_case_that_moved_on_meanwhile_is_left_alone(cast, long_ago):
    complaint = at_stage(cast, "assigned", long_ago)
    Complaint.objects.filter(pk=complaint.pk).update(waiting_since=long_ago)
    assert sweep.stuck_batch() == 1
    assert not found(complaint).exists()
    assert look_at(complaint) is None


def test_the_sweep_does_it_with_the_rest(cast, long_ago):
    complaint = at_stage(cast, "assigned", long_ago)
    assert sweep.run(budget_seconds=20)["stuck"] == 1
    assert found(complaint).exists()


def test_a_row_that_fails_rests_and_the_others_go_on(cast, long_ago, monkeypatch):
    good, bad = at_stage(cast, "assigned", long_ago), at_stage(cast, "assigned", long_ago)
    new = stuck.escalations.build_escalation

    def fail_for_one(complaint, *args, **kwargs):
        if complaint.pk == bad.pk:
            raise ValueError("no such thing")
        return new(complaint, *args, **kwargs)

    monkeypatch.setattr(stuck.escalations, "build_escalation", fail_for_one)
    assert sweep.stuck_batch() == 2
    assert found(good).exists()
    assert not found(bad).exists()
    assert look_at(bad) > clock.now()


def test_many_are_looked_at_with_a_fixed_number_of_queries(cast, long_ago, django_assert_max_num_queries):
    for _number in range(5):
        at_stage(cast, "assigned", long_ago)
    with django_assert_max_num_queries(30):
        assert sweep.stuck_batch() == 5
