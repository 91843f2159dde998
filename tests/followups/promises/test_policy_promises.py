from datetime import timedelta

import pytest

from complaints.case.actors import Actor
from complaints.choices import Severity
from complaints.conversation import messages
from complaints.steps import assignment, lifecycle
from followups.models import Promise, PromisePolicy
from followups.promises import policy_promises
from tests.cases import at_stage, logged

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Promise.State


def by_kind(complaint, state=State.OPEN) -> dict[str, Promise]:
    return {promise.kind: promise for promise in complaint.promises.filter(state=state)}


def change(complaint, severity, cast, at):
    return assignment.change_severity(
        complaint.pk, severity=severity, reason="Looked again", actor=Actor.staff(cast.handler), at=at
    )


def test_every_severity_has_its_promises_from_the_moment_it_arrives(cast, at):
    for severity, first, result in (
        ("danger", 30 * MINUTE, 2 * HOUR),
        ("urgent", HOUR, DAY),
        ("normal", HOUR, 7 * DAY),
        ("complex", HOUR, 15 * DAY),
    ):
        made = by_kind(logged(cast, at, severity=severity))
        assert (made["first_contact"].due_at, made["resolution"].due_at) == (at + first, at + result)
        assert made["resolution"].policy.severity == severity
        assert made["resolution"].made_by is None


def test_a_policy_of_the_category_makes_the_promise(cast, at):
    PromisePolicy.objects.create(
        category=cast.metering, severity="normal", kind="verification", minutes=240, warn_minutes=0
    )
    assert by_kind(logged(cast, at))["verification"].due_at == at + 16 * HOUR
    made = by_kind(logged(cast, at, category=cast.metering))["verification"]
    assert (made.due_at, made.warn_at) == (at + 4 * HOUR, None)


def test_a_customer_who_cannot_be_reached_is_promised_no_contact(cast, at):
    complaint = logged(cast, at, name="", phone="", email="", wishes_no_contact=True)
    assert set(by_kind(complaint)) == {"verification", "resolution"}


def test_a_new_severity_replaces_what_is_open_and_counts_from_the_same_start(cast, at):
    complaint = logged(cast, at, severity="normal")
    old = by_kind(complaint)
    change(complaint, Severity.COMPLEX, cast, at + HOUR / 2)
    new = by_kind(complaint)
    assert new["resolution"].due_at == at + 15 * DAY
    assert new["resolution"].made_at == at + HOUR / 2
    assert set(by_kind(complaint, State.REPLACED)) == {"first_contact", "verification", "resolution"}
    event = complaint.events.filter(kind="promise_replaced").last()
    assert event.data["replaced"] == old["resolution"].pk
    complaint.refresh_from_db()
    assert complaint.next_due_at == new["first_contact"].due_at


def test_changing_back_and_forth_gains_nothing(cast, at):
    complaint = logged(cast, at, severity="normal")
    change(complaint, Severity.COMPLEX, cast, at + DAY)
    change(complaint, Severity.NORMAL, cast, at + 2 * DAY)
    assert by_kind(complaint)["resolution"].due_at == at + 7 * DAY


def test_where_the_shorter_time_is_over_already_it_counts_from_the_change(cast, at):
    complaint = logged(cast, at, severity="normal")
    change(complaint, Severity.DANGER, cast, at + 3 * HOUR)
    assert by_kind(complaint)["resolution"].due_at == at + 5 * HOUR


def test_time_spent_waiting_for_the_customer_counts_for_the_new_severity_too(cast, at):
    complaint = at_stage(cast, "assigned", at)
    messages.say(
        complaint.pk, kind="public", body="?", actor=Actor.staff(cast.handler), at=at + HOUR, wait_for_customer=True
    )
    messages.customer_says(complaint.pk, body="!", at=at + 4 * HOUR)
    change(complaint, Severity.NORMAL, cast, at + 5 * HOUR)
    new = by_kind(complaint)["resolution"]
    assert new.due_at == at + 7 * DAY + 3 * HOUR
    assert len(new.explanation["pauses"]) == 1


def test_changed_while_waiting_the_new_promise_stands_still_with_what_is_left(cast, at):
    complaint = at_stage(cast, "assigned", at)
    start = by_kind(complaint)["resolution"].explanation["start"]
    messages.say(
        complaint.pk, kind="public", body="?", actor=Actor.staff(cast.handler), at=at + HOUR, wait_for_customer=True
    )
    change(complaint, Severity.NORMAL, cast, at + 3 * HOUR)
    messages.customer_says(complaint.pk, body="!", at=at + 5 * HOUR)
    new = by_kind(complaint)["resolution"]
    assert new.explanation["start"] == start
    assert new.due_at == at + 7 * DAY + 4 * HOUR


def test_a_kind_without_a_policy_any_more_is_withdrawn_and_a_new_kind_is_made(cast, at):
    PromisePolicy.objects.filter(severity="normal", kind="verification").delete()
    PromisePolicy.objects.filter(severity="danger", kind="first_contact").delete()
    rule = PromisePolicy.objects.get(severity="danger", kind="verification")
    complaint = logged(cast, at, severity="normal")
    assert "verification" not in by_kind(complaint)
    change(complaint, Severity.DANGER, cast, at + MINUTE)
    now_open = by_kind(complaint)
    assert now_open["verification"].policy == rule
    assert "first_contact" not in now_open
    assert complaint.promises.get(kind="first_contact").state == State.WITHDRAWN


def test_what_is_broken_stays_broken_whatever_the_severity(cast, at):
    complaint = logged(cast, at, severity="urgent")
    complaint.promises.filter(kind="resolution").update(state=State.BROKEN, broken_at=at + DAY, settled_at=at + DAY)
    change(complaint, Severity.COMPLEX, cast, at + 2 * DAY)
    assert complaint.promises.get(kind="resolution").state == State.BROKEN


def test_assignment_settles_severity_and_category_and_the_promises_follow(cast, at):
    complaint = at_stage(cast, "verified", at)
    assert by_kind(complaint)["resolution"].due_at == at + 7 * DAY
    data = {"category": cast.metering, "severity": "urgent", "team": cast.hexi, "handler": cast.handler}
    lifecycle.perform(complaint.pk, "assign", actor=Actor.staff(cast.supervisor), at=at + HOUR, data=data)
    assert by_kind(complaint)["resolution"].due_at == at + DAY


def test_told_in_time_is_kept_and_told_late_is_noted_but_not_kept(cast, at):
    complaint = logged(cast, at)
    actor = Actor.staff(cast.handler)
    first = by_kind(complaint)["first_contact"]
    policy_promises.keep_told(complaint, ["first_contact"], told_at=first.due_at, actor=actor, at=first.due_at)
    first.refresh_from_db()
    assert (first.state, first.kept_at) == (State.OPEN, first.due_at)
    result = by_kind(complaint)["resolution"]
    policy_promises.keep_told(complaint, ["resolution"], told_at=at + HOUR, actor=actor, at=at + HOUR)
    result.refresh_from_db()
    assert (result.state, result.kept_at) == (State.KEPT, at + HOUR)


def test_a_broken_promise_that_is_made_good_late_says_when_once(cast, at):
    complaint = logged(cast, at)
    first = by_kind(complaint)["first_contact"]
    Promise.objects.filter(pk=first.pk).update(state=State.BROKEN, broken_at=first.due_at, settled_at=first.due_at)
    for hours in (2, 3):
        moment = at + hours * HOUR
        policy_promises.keep_told(
            complaint, ["first_contact"], told_at=moment, actor=Actor.staff(cast.handler), at=moment
        )
    first.refresh_from_db()
    assert (first.state, first.kept_at) == (State.BROKEN, at + 2 * HOUR)


@pytest.mark.parametrize("count", [1, 3])
def test_many_complaints_take_as_many_queries_as_one(cast, at, count, django_assert_max_num_queries):
    complaints = [logged(cast, at) for _ in range(count)]
    Promise.objects.all().delete()
    with django_assert_max_num_queries(12):
        made = policy_promises.make_standard(complaints, at=at + HOUR)
    assert len(made) == 3 * count
    for complaint in complaints:
        complaint.refresh_from_db()
        assert complaint.next_due_at == at + 2 * HOUR
