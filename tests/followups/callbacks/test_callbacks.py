"""Callbacks: when they are owed, what each outcome leads to, and that nothing counts twice."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from accounts.models import Calendar, DeskRules
from complaints.case.actors import CUSTOMER, Actor
from complaints.case.locking import lock
from complaints.choices import Channel, Status
from complaints.errors import ChangedMeanwhile, GateRefused, NotAllowedNow, NotPermitted
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups.callbacks import callbacks
from followups.models import Callback, CallbackAttempt, Promise
from tests.cases import at_stage, resolution_data
from tests.cast import build_cast

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def resolved(cast, at, **given) -> Complaint:
    """A complaint whose result was told at `at`."""
    return at_stage(cast, Status.RESOLVED, at - timedelta(minutes=3), **given)


def owed(complaint) -> Callback:
    return complaint.callbacks.get(round=complaint.round)


def call(complaint, outcome, cast, at, **more) -> CallbackAttempt:
    given = {"actor": Actor.staff(cast.handler), "at": at} | more
    return callbacks.record_attempt(owed(complaint).pk, outcome=outcome, **given)


def local(moment) -> str:
    return moment.astimezone(SHANGHAI).strftime("%a %H:%M")


def test_the_clock_of_the_teams_calendar_counts(cast, at):
    cast.west.calendar = Calendar.objects.create(name="Urumqi", time_zone="Asia/Tashkent", always_open=True)
    cast.west.save(update_fields=["calendar"])

    # 22:00 in Shanghai is 19:00 in Tashkent: by day there.
    callback = owed(resolved(cast, datetime(2026, 11, 18, 14, 0, tzinfo=UTC)))

    assert callback.next_at == datetime(2026, 11, 19, 14, 0, tzinfo=UTC)


def test_a_result_told_owes_one_call_and_promises_it(cast, at):
    complaint = resolved(cast, at)

    callback = owed(complaint)

    assert callback.next_at == at + DAY
    assert callback.promise.kind == "callback"
    assert callback.promise.due_at == at + DAY
    assert callback.promise.to_customer


def test_creating_it_twice_is_once(cast, at):
    complaint = resolved(cast, at)
    with transaction.atomic():
        again = callbacks.create_for(lock(complaint.pk), at=at + HOUR)

    assert again == owed(complaint)
    assert Promise.objects.filter(kind="callback").count() == 1


@pytest.mark.parametrize(
    "given", [{"wishes_no_contact": True}, {"name": "", "phone": "", "email": "", "wishes_no_contact": True}]
)
def test_who_is_not_to_be_called_is_owed_no_call(cast, at, given):
    complaint = resolved(cast, at, **given)

    assert not complaint.callbacks.exists()
    assert callbacks.is_done(complaint)
    assert callbacks.are_used_up(complaint)


def test_a_satisfied_customer_ends_it_and_the_case_moves_on(cast, at):
    complaint = resolved(cast, at)

    attempt = call(complaint, "reached", cast, at + HOUR, solved=True, rating=5, words="Thank you")

    complaint.refresh_from_db()
    feedback = complaint.feedback.get()
    assert attempt.outcome == "satisfied"
    assert (feedback.solved, feedback.rating, feedback.words, feedback.channel) == (
        True,
        5,
        "Thank you",
        Channel.CALLBACK,
    )
    assert complaint.status == Status.FEEDBACK
    assert owed(complaint).state == Callback.State.DONE
    assert owed(complaint).promise.state == Promise.State.KEPT
    assert callbacks.is_done(complaint)
    assert not callbacks.are_used_up(complaint)


@pytest.mark.parametrize(
    ("solved", "rating", "outcome"),
    [(True, None, "satisfied"), (True, 3, "satisfied"), (True, 2, "unsatisfied"), (False, 5, "unsatisfied")],
)
def test_satisfied_means_solved_and_three_or_better(solved, rating, outcome):
    assert callbacks.outcome_of(solved, rating) == outcome


def test_every_attempt_is_in_the_history(cast, at):
    complaint = resolved(cast, at)
    call(complaint, "no_answer", cast, at + HOUR)
    call(complaint, "reached", cast, at + DAY, solved=True)

    said = complaint.events.filter(kind="callback_attempted").order_by("number")

    assert [(e.data["outcome"], e.data["number"], e.actor) for e in said] == [
        ("no_answer", 1, cast.handler),
        ("satisfied", 2, cast.handler),
    ]


def test_not_reached_is_called_again_under_a_new_promise(cast, at):
    outcome = "no_answer"
    complaint = resolved(cast, at)
    first = owed(complaint).promise

    call(complaint, outcome, cast, at + HOUR)

    callback = owed(complaint)
    complaint.refresh_from_db()
    first.refresh_from_db()
    assert callback.state == Callback.State.OPEN
    assert local(callback.next_at) == "Thu 18:00"
    assert first.state == Promise.State.WITHDRAWN
    assert callback.promise.due_at == callback.next_at == complaint.next_due_at
    assert complaint.status == Status.RESOLVED
    assert not callbacks.is_done(complaint)


def test_when_the_attempts_are_used_up_the_case_goes_on_without_an_answer(cast, at):
    DeskRules.objects.create(pk=1, callback_attempts=2)
    complaint = resolved(cast, at)
    call(complaint, "no_answer", cast, at + HOUR)

    call(complaint, "no_answer", cast, at + DAY)

    complaint.refresh_from_db()
    last = complaint.events.get(kind="feedback_recorded")
    assert owed(complaint).state == Callback.State.GIVEN_UP
    assert complaint.status == Status.FEEDBACK
    assert last.actor_kind == "system"
    assert callbacks.are_used_up(complaint)
    assert not complaint.promises.filter(state=Promise.State.OPEN, kind="callback").exists()


def test_who_refuses_is_not_called_again(cast, at):
    complaint = resolved(cast, at)

    call(complaint, "refused", cast, at + HOUR)

    complaint.refresh_from_db()
    assert owed(complaint).state == Callback.State.DONE
    assert owed(complaint).promise.state == Promise.State.WITHDRAWN
    assert complaint.status == Status.FEEDBACK
    assert callbacks.are_used_up(complaint)


def test_a_late_call_does_not_hide_that_the_promise_was_broken(cast, at):
    complaint = resolved(cast, at)

    call(complaint, "reached", cast, at + DAY + HOUR, solved=True)

    promise = owed(complaint).promise
    assert promise.state == Promise.State.OPEN  # the sweep breaks it
    assert promise.kept_at == at + DAY + HOUR


def test_a_late_call_in_vain_does_not_withdraw_what_is_broken(cast, at):
    complaint = resolved(cast, at)
    first = owed(complaint).promise

    call(complaint, "no_answer", cast, at + DAY + HOUR)

    first.refresh_from_db()
    assert first.state == Promise.State.OPEN
    assert first.kept_at == at + DAY + HOUR
    assert owed(complaint).promise != first


def test_the_same_attempt_sent_twice_counts_once(cast, at):
    complaint = resolved(cast, at)

    first = call(complaint, "no_answer", cast, at + HOUR, number=1)
    second = call(complaint, "no_answer", cast, at + HOUR, number=1)

    assert first == second
    assert CallbackAttempt.objects.count() == 1


def test_an_answer_sent_twice_counts_once_although_the_call_is_done(cast, at):
    complaint = resolved(cast, at)

    first = call(complaint, "reached", cast, at + HOUR, solved=True, number=1)

    assert call(complaint, "reached", cast, at + HOUR, solved=True, number=1) == first


@pytest.mark.parametrize("other", [{"words": "And one more thing"}, {"rating": 2}])
def test_other_answers_in_a_form_that_was_sent_before_are_not_taken_for_the_first_ones(cast, at, other):
    complaint = resolved(cast, at)
    given = {"solved": True, "rating": 3, "words": "Fine", "number": 1}
    call(complaint, "reached", cast, at + HOUR, **given)
    with pytest.raises(ChangedMeanwhile):
        call(complaint, "reached", cast, at + HOUR, **given | other)
    assert CallbackAttempt.objects.get().words == "Fine"


def test_what_a_colleague_recorded_meanwhile_is_not_overwritten(cast, at):
    complaint = resolved(cast, at)
    call(complaint, "no_answer", cast, at + HOUR, number=1, actor=Actor.staff(cast.frontline))

    with pytest.raises(ChangedMeanwhile):
        call(complaint, "reached", cast, at + HOUR, solved=True, number=1)

    assert CallbackAttempt.objects.get().outcome == "no_answer"


def test_reached_without_an_answer_is_refused(cast, at):
    complaint = resolved(cast, at)

    with pytest.raises(GateRefused) as refused:
        call(complaint, "reached", cast, at + HOUR)

    assert [item.field for item in refused.value.missing] == ["solved"]
    assert not CallbackAttempt.objects.exists()


@pytest.mark.parametrize("who", ["auditor", "stranger", "administrator", "neighbour"])
def test_only_those_who_work_on_the_case_call(cast, at, who):
    complaint = resolved(cast, at)

    with pytest.raises(NotPermitted):
        call(complaint, "no_answer", cast, at + HOUR, actor=Actor.staff(getattr(cast, who)))


def test_nothing_is_recorded_once_no_call_is_owed(cast, at):
    complaint = resolved(cast, at)
    call(complaint, "refused", cast, at + HOUR)

    with pytest.raises(NotAllowedNow):
        call(complaint, "no_answer", cast, at + HOUR)


def test_a_rating_on_the_link_does_the_same_without_a_call(cast, at):
    complaint = resolved(cast, at)

    lifecycle.perform(
        complaint.pk, "record_feedback", actor=CUSTOMER, at=at + HOUR, data={"solved": True, "rating": 4}
    )

    callback = owed(complaint)
    assert callback.state == Callback.State.DONE
    # Nobody called: no promise to call was kept.
    assert (callback.promise.state, callback.promise.kept_at) == (Promise.State.WITHDRAWN, None)
    withdrawn = complaint.events.get(kind="promise_withdrawn", data__promise=callback.promise_id)
    assert withdrawn.data["because"] == "answered"
    assert callbacks.is_done(complaint)


def test_the_next_round_owes_a_call_of_its_own(cast, at):
    complaint = resolved(cast, at)
    call(complaint, "reached", cast, at + HOUR, solved=False, rating=1)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.round) == ("assigned", 2)
    assert callbacks.is_done(complaint)

    lifecycle.perform(
        complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at + 3 * HOUR, data=resolution_data(cast)
    )

    states = complaint.callbacks.order_by("round").values_list("round", "state")
    assert list(states) == [(1, "done"), (2, "open")]
    assert not callbacks.is_done(Complaint.objects.get(pk=complaint.pk))


def test_a_withdrawn_call_is_owed_no_more(cast, at):
    complaint = resolved(cast, at)

    with transaction.atomic():
        callbacks.withdraw_for(lock(complaint.pk), at=at + HOUR)

    assert owed(complaint).state == Callback.State.WITHDRAWN
    assert owed(complaint).promise.state == Promise.State.WITHDRAWN
    assert callbacks.is_done(complaint)


def test_the_list_holds_what_the_person_may_see_the_earliest_first(cast, at):
    later = resolved(cast, at + HOUR, phone="139 0000 0002")
    sooner = resolved(cast, at)

    assert [row.complaint for row in callbacks.due_list(cast.handler)] == [sooner, later]
    assert [row.complaint for row in callbacks.due_list(cast.director)] == [sooner, later]
    assert not callbacks.due_list(cast.stranger).exists()
    assert not callbacks.due_list(cast.administrator).exists()


def test_what_is_done_leaves_the_list(cast, at):
    complaint = resolved(cast, at)
    call(complaint, "no_answer", cast, at + HOUR)
    assert [row.made for row in callbacks.due_list(cast.handler)] == [1]

    call(complaint, "refused", cast, at + DAY)

    assert not callbacks.due_list(cast.handler).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_double_tap_is_one_attempt_even_when_both_arrive_at_the_same_moment(at):
    cast, made = build_cast(), []
    complaint = resolved(cast, at)

    def tap():
        try:
            made.append(call(complaint, "no_answer", cast, at + HOUR, number=1).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=tap) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(made) == 4
    assert len(set(made)) == 1
    assert owed(complaint).state == Callback.State.OPEN
