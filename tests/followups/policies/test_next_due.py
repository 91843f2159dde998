from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.choices import Status
from complaints.models import Complaint
from followups.models import Promise
from followups.policies.next_due import next_due_of, refresh_next_due
from tests.cases import logged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def complaint(cast, at) -> Complaint:
    complaint = logged(cast, at)
    complaint.promises.all().delete()
    return complaint


@pytest.fixture
def promised(complaint, at):
    def promised(kind="visit", *, due=HOUR, made=timedelta(), **fields) -> Promise:
        if fields.get("state") == "broken":
            fields.setdefault("broken_at", at + due)
        if "state" in fields:
            fields.setdefault("settled_at", at + due)
        return Promise.objects.create(
            complaint=complaint, kind=kind, made_at=at + made, due_at=at + due, **{"round": complaint.round} | fields
        )

    return promised


def next_due(complaint):
    return next_due_of([complaint])[complaint.pk]


def test_without_promises_nothing_is_due(complaint):
    assert next_due(complaint) is None


def test_the_earliest_open_promise_counts_whatever_its_round(complaint, promised, at):
    promised(due=2 * DAY)
    promised(due=DAY, round=7)
    promised(due=HOUR, state="kept", kept_at=at)
    promised(due=HOUR, state="withdrawn")
    promised(due=HOUR, state="replaced")
    assert next_due(complaint) == at + DAY


def test_a_paused_promise_counts_by_its_long_stop_and_without_one_not_at_all(complaint, promised, at):
    paused = promised("resolution", due=HOUR, paused_since=at)
    assert next_due(complaint) is None
    paused.long_stop_at = at + 7 * DAY
    paused.save(update_fields=["long_stop_at"])
    assert next_due(complaint) == at + 7 * DAY
    promised("visit", due=2 * DAY)
    assert next_due(complaint) == at + 2 * DAY


def test_a_broken_promise_stays_on_top(complaint, promised, at):
    promised("resolution", due=2 * DAY)
    promised(due=HOUR, state="broken")
    assert next_due(complaint) == at + HOUR


def test_done_late_it_goes(complaint, promised, at):
    promised("resolution", due=2 * DAY)
    promised(due=HOUR, state="broken", kept_at=at + 2 * HOUR)
    assert next_due(complaint) == at + 2 * DAY


def test_a_new_promise_of_the_same_kind_takes_its_place(complaint, promised, at):
    promised(due=HOUR, state="broken")
    promised("reply", due=3 * DAY, made=2 * HOUR)
    assert next_due(complaint) == at + HOUR
    promised(due=4 * DAY, made=2 * HOUR)
    assert next_due(complaint) == at + 3 * DAY


def test_one_that_was_made_before_it_broke_does_not(complaint, promised, at):
    promised(due=HOUR, state="broken")
    promised(due=4 * DAY)
    assert next_due(complaint) == at + HOUR


def test_one_that_is_kept_after_it_broke_does(complaint, promised, at):
    promised(due=HOUR, state="broken")
    promised(due=4 * DAY, state="kept", kept_at=at + 2 * HOUR)
    assert next_due(complaint) is None


def test_a_withdrawn_successor_leaves_the_broken_one_on_top(complaint, promised, at):
    promised(due=HOUR, state="broken")
    promised(due=4 * DAY, made=2 * HOUR, state="withdrawn")
    assert next_due(complaint) == at + HOUR


def test_broken_in_an_earlier_round_is_over(complaint, promised, at):
    promised(due=HOUR, state="broken")
    complaint.round += 1
    assert next_due(complaint) is None


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.FEEDBACK])
def test_once_the_result_is_told_the_work_is_moot_but_a_call_is_still_owed(complaint, promised, at, status):
    promised("resolution", due=HOUR, state="broken")
    complaint.status = status
    assert next_due(complaint) is None
    promised("callback", due=2 * HOUR, state="broken")
    assert next_due(complaint) == at + 2 * HOUR


def test_an_archived_case_is_not_in_any_list(complaint, promised):
    promised("corrective", due=DAY)
    complaint.status = Status.ARCHIVED
    assert next_due(complaint) is None


def test_it_is_stored_only_when_it_changed(complaint, promised, at):
    promised()
    refresh_next_due(complaint)
    assert Complaint.objects.get(pk=complaint.pk).next_due_at == at + HOUR
    with CaptureQueriesContext(connection) as queries:
        refresh_next_due(complaint)
    assert len(queries) == 1


def test_many_complaints_take_one_query(cast, at):
    complaints = [logged(cast, at) for _ in range(3)]
    with CaptureQueriesContext(connection) as queries:
        due = next_due_of(complaints)
    assert len(queries) == 1
    assert set(due) == {complaint.pk for complaint in complaints}
