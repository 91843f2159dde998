"""What happens by itself once a result is told: a call is owed, an answer settles it, not solved begins again."""

from datetime import timedelta

import pytest

from complaints.case.actors import CUSTOMER, Actor
from complaints.conversation import messages
from complaints.errors import GateRefused
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups.models import Callback, Escalation, Notice, Promise, PromisePolicy
from tests.cases import (
    archive_data,
    at_stage,
    resolution_data,
)
from tests.followups.due import history_is_whole

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Promise.State
PROMISED = {"first_contact": "open", "verification": "open", "resolution": "open"}


def told(event=None) -> list[str]:
    """Who gets which notice: ["assigned → li.min@desk.example", …]."""
    rows = Notice.objects.order_by("id")
    if event:
        rows = rows.filter(event=event)
    return [f"{row.event} → {row.address}" for row in rows]


def states(complaint) -> dict[str, str]:
    return {promise.kind: promise.state for promise in complaint.promises.order_by("id")}


def go(complaint, action, person, at, **data) -> Complaint:
    return lifecycle.perform(complaint.pk, action, actor=Actor.staff(person), at=at, data=data)


class TestResolved:
    def test_told_in_time_is_kept_a_call_is_owed_and_the_customer_is_asked(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        Notice.objects.all().delete()
        go(complaint, "resolve", cast.handler, at + HOUR, **resolution_data(cast))
        assert complaint.promises.get(kind="resolution", state=State.KEPT).kept_at == at + HOUR
        callback = Callback.objects.get()
        assert callback.promise.kind == "callback"
        complaint.refresh_from_db()
        assert complaint.next_due_at == callback.promise.due_at
        assert told() == ["customer_resolved → wang@customer.example"]
        assert history_is_whole(complaint)

    def test_told_too_late_stays_for_the_sweep_to_break(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        late = at + 25 * HOUR
        go(complaint, "resolve", cast.handler, late, **resolution_data(cast))
        result = complaint.promises.get(kind="resolution", round=1, state=State.OPEN)
        assert result.kept_at == late

    def test_who_was_told_in_time_but_written_down_late_was_told_in_time(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        data = resolution_data(cast) | {"told_at": at + 23 * HOUR}
        go(complaint, "resolve", cast.handler, at + 25 * HOUR, **data)
        assert complaint.promises.get(kind="resolution", state=State.KEPT).kept_at == at + 23 * HOUR

    def test_who_wishes_no_contact_is_owed_no_call(self, cast, at):
        at_stage(cast, "resolved", at, wishes_no_contact=True)
        assert not Callback.objects.exists()
        assert [row for row in told() if "customer" in row] == []


class TestAfterTheResult:
    def unsatisfied(self, cast, at):
        complaint = at_stage(cast, "resolved", at)
        return lifecycle.perform(
            complaint.pk, "record_feedback", actor=CUSTOMER, at=at + HOUR, data={"solved": False, "rating": 1}
        )

    def test_an_answer_on_the_link_does_the_same_without_a_call(self, cast, at):
        complaint = at_stage(cast, "feedback", at)
        assert Callback.objects.get().state == "done"
        assert Callback.objects.get().promise.state == State.WITHDRAWN
        archive = complaint.promises.get(state=State.OPEN)
        assert (archive.kind, archive.to_customer) == ("archive", False)
        complaint.refresh_from_db()
        assert complaint.next_due_at == archive.due_at
        assert not Escalation.objects.exists()

    def test_dissatisfaction_goes_to_the_supervisor(self, cast, at):
        self.unsatisfied(cast, at)
        assert Escalation.objects.get().reason == "unsatisfied"
        assert told("escalated") == ["escalated → chen.jing@desk.example"]

    def test_rework_has_a_new_clock_and_keeps_the_old_result(self, cast, at):
        complaint = self.unsatisfied(cast, at)
        complaint.refresh_from_db()
        assert (complaint.status, complaint.round) == ("assigned", 2)
        reworked = complaint.events.get(kind="reworked")
        assert (reworked.actor_kind, reworked.data["reason"]) == (
            "system",
            "The customer says that it is not solved.",
        )
        old, new = complaint.promises.filter(kind="resolution").exclude(state="replaced").order_by("id")
        assert (old.round, old.state) == (1, State.KEPT)
        assert (new.round, new.state, new.due_at) == (2, State.OPEN, at + 25 * HOUR)
        assert told("reopened") == ["reopened → li.min@desk.example"]
        assert told("customer_reopened") == ["customer_reopened → wang@customer.example"]

    def test_an_archived_case_has_nothing_open(self, cast, at):
        complaint = self.unsatisfied(cast, at)
        data = archive_data(cast) | {"exception_reason": "Agreed with the customer", "cause": cast.drift}
        with pytest.raises(GateRefused):
            go(complaint, "archive", cast.handler, at + 2 * HOUR, **data)
        go(complaint, "archive", cast.supervisor, at + 3 * HOUR, **data)
        escalation = Escalation.objects.get()
        assert (escalation.signed_at, escalation.signed_by) == (at + 3 * HOUR, None)
        complaint.refresh_from_db()
        assert (complaint.next_due_at, complaint.outcome) == (None, "unsolved")
        assert not complaint.promises.filter(state=State.OPEN).exists()
        assert history_is_whole(complaint)

    def test_archiving_keeps_what_we_owed_ourselves(self, cast, at):
        complaint = at_stage(cast, "archived", at)
        archive = complaint.promises.get(kind="archive")
        assert (archive.state, archive.kept_at) == (State.KEPT, at + 5 * MINUTE)

    def test_what_is_not_solved_again_goes_a_rung_higher_and_the_third_time_to_the_top(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        for hours in (1, 3, 5):
            go(complaint, "resolve", cast.handler, at + hours * HOUR, **resolution_data(cast))
            moment, data = at + (hours + 1) * HOUR, {"solved": False, "rating": 1}
            lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=moment, data=data)
        raised = Escalation.objects.filter(reason="unsatisfied").order_by("raised_at")
        assert [(each.team, each.at_top) for each in raised] == [
            (cast.west, False),
            (cast.company, True),
            (cast.company, True),
        ]
        complaint.refresh_from_db()
        assert (complaint.status, complaint.round) == ("assigned", 4)
        assert history_is_whole(complaint)

    def test_what_the_customer_writes_after_the_result_is_answered_by_a_date_without_a_policy_too(self, cast, at):
        assert not PromisePolicy.objects.filter(kind="reply").exists()
        complaint = at_stage(cast, "resolved", at)
        messages.customer_says(complaint.pk, body="It drips again", at=at + HOUR)
        reply = complaint.promises.get(kind="reply")
        assert (reply.state, reply.policy, reply.due_at) == (State.OPEN, None, at + 5 * HOUR)

    def test_closing_early_withdraws_every_promise_and_ends_the_wait(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        actor = Actor.staff(cast.handler)
        messages.say(complaint.pk, kind="public", body="?", actor=actor, at=at + HOUR, wait_for_customer=True)
        go(complaint, "close_early", cast.handler, at + 2 * HOUR, outcome="withdrawn", reason="Paid back")
        withdrawn = complaint.promises.get(kind="resolution", state=State.WITHDRAWN)
        assert withdrawn.settled_at == at + 2 * HOUR
        complaint.refresh_from_db()
        assert (complaint.next_due_at, complaint.waiting_since) == (None, None)
        assert told("customer_promise_withdrawn") == []

    def test_still_a_problem_on_the_link_begins_a_new_clock_with_a_new_contact(self, cast, at):
        complaint = at_stage(cast, "archived", at)
        lifecycle.perform(complaint.pk, "reopen", actor=CUSTOMER, at=at + DAY, data={"reason": "It is broken again"})
        new = {p.kind: p.due_at for p in complaint.promises.filter(round=2, state=State.OPEN)}
        assert new == {"first_contact": at + DAY + HOUR, "resolution": at + 2 * DAY}
        assert Notice.objects.get(event="reopened").data["reason"] == "It is broken again"
        assert history_is_whole(complaint)
