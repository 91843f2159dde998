from datetime import timedelta

import pytest
from django.db import transaction

from complaints import conversation, events, intake, lifecycle, routing
from complaints.actors import CUSTOMER, SYSTEM, Actor
from complaints.models import Complaint
from followups.models import Callback, Escalation, Notice, Promise, PromisePolicy
from tests.cases import (
    archive_data,
    assignment_data,
    at_stage,
    logged,
    resolution_data,
    verification_data,
)
from tests.followups.due import history_is_whole

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Promise.State


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


class TestLogged:
    def test_it_is_promised_and_acknowledged_at_once(self, cast, at):
        complaint = logged(cast, at)
        assert states(complaint) == {"first_contact": "open", "resolution": "open"}
        assert told() == ["customer_acknowledged → wang@customer.example"]
        complaint.refresh_from_db()
        assert complaint.next_due_at == at + HOUR
        assert history_is_whole(complaint)

    def test_nothing_is_sent_to_who_wishes_no_contact_or_left_no_address(self, cast, at):
        logged(cast, at, wishes_no_contact=True)
        logged(cast, at, email="", phone="139 0000 4418")
        assert told() == []

    def test_danger_goes_to_the_supervisor_at_once(self, cast, at):
        complaint = logged(cast, at, severity="danger")
        escalation = Escalation.objects.get()
        assert (escalation.reason, escalation.team, escalation.level) == ("severity", cast.west, 0)
        assert escalation.sign_by == at + HOUR
        assert told("escalated") == ["escalated → chen.jing@desk.example"]
        assert complaint.events.filter(kind="escalated").count() == 1

    def test_if_logging_fails_nothing_is_left(self, cast, at, monkeypatch):
        def fail(*args, **kwargs):
            raise RuntimeError("no")

        monkeypatch.setattr("followups.escalations.raise_", fail)
        with pytest.raises(RuntimeError), transaction.atomic():
            logged(cast, at, severity="danger")
        assert (Complaint.objects.count(), Promise.objects.count(), Notice.objects.count()) == (0, 0, 0)


class TestImported:
    def imported(self, cast, at, count, **given) -> list[Complaint]:
        fields = {"narrative": "Old", "channel": "import", "team": cast.hexi, "email": "old@customer.example"}
        made = []
        for number, reference in enumerate(intake.next_references(at, count)):
            given_now = intake.Intake(**fields | {"name": f"Customer {number}"})
            complaint = intake.build(given_now, received_at=at - 90 * DAY, created_at=at, logged_by=None)
            complaint.customer.save()
            complaint.reference = reference
            for name, value in given.items():
                setattr(complaint, name, value)
            complaint.save()
            made.append(complaint)
        history = [events.build(complaint, "imported", actor=SYSTEM, at=at) for complaint in made]
        for complaint in made:
            complaint.save(update_fields=["event_count", "last_event_hash"])
        with transaction.atomic():
            events.append_many(history)
        return made

    def test_promises_count_from_the_import_and_nobody_hears_of_it(self, cast, at):
        (complaint,) = self.imported(cast, at, 1)
        assert {p.kind: p.due_at for p in complaint.promises.all()} == {
            "first_contact": at + HOUR,
            "resolution": at + 7 * DAY,
        }
        assert told() == []
        assert complaint.events.filter(kind="promise_made").count() == 2
        assert history_is_whole(complaint)

    def test_a_finished_case_is_promised_nothing(self, cast, at):
        self.imported(cast, at, 1, status="resolved")
        assert not Promise.objects.exists()
        assert not Callback.objects.exists()

    @pytest.mark.parametrize("count", [1, 25])
    def test_the_queries_do_not_grow_with_the_batch(self, cast, at, count, django_assert_max_num_queries):
        fresh = self.imported(cast, at, count, status="resolved")
        for complaint in fresh:
            complaint.status = "received"
        again = [events.build(complaint, "imported", actor=SYSTEM, at=at) for complaint in fresh]
        with django_assert_max_num_queries(12), transaction.atomic():
            events.append_many(again)
        assert Promise.objects.count() == 2 * count


class TestVerifiedAndAssigned:
    def test_who_confirmed_by_phone_was_in_contact(self, cast, at):
        complaint = logged(cast, at)
        go(complaint, "verify", cast.handler, at + 5 * MINUTE, **verification_data(at))
        assert complaint.promises.get(kind="first_contact").state == State.KEPT

    def test_who_could_not_be_reached_is_still_owed_the_contact(self, cast, at):
        complaint = logged(cast, at)
        unconfirmed = verification_data(at) | {"confirmed_how": "not", "not_confirmed_reason": "No answer"}
        go(complaint, "verify", cast.handler, at + 5 * MINUTE, **unconfirmed)
        assert complaint.promises.get(kind="first_contact").state == State.OPEN

    def test_a_promised_verification_is_kept_by_verifying(self, cast, at):
        PromisePolicy.objects.create(severity="normal", kind="verification", minutes=120)
        complaint = logged(cast, at)
        go(complaint, "verify", cast.handler, at + 5 * MINUTE, **verification_data(at))
        assert complaint.promises.get(kind="verification").state == State.KEPT

    def test_the_handler_is_told_unless_it_is_the_handler_who_took_it(self, cast, at):
        complaint = at_stage(cast, "verified", at)
        data = assignment_data(cast) | {"handler": None}
        go(complaint, "assign", cast.supervisor, at + 5 * MINUTE, **data)
        go(complaint, "take", cast.colleague, at + 6 * MINUTE)
        assert told("assigned") == []
        at_stage(cast, "assigned", at)
        assert told("assigned") == ["assigned → li.min@desk.example"]

    def test_danger_found_while_assigning_is_escalated_once(self, cast, at):
        complaint = at_stage(cast, "verified", at)
        data = assignment_data(cast) | {"severity": "danger"}
        go(complaint, "assign", cast.supervisor, at + 5 * MINUTE, **data)
        routing.change_severity(
            complaint.pk, severity="normal", reason="No", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        routing.change_severity(
            complaint.pk, severity="danger", reason="Yes", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        assert Escalation.objects.filter(reason="severity").count() == 1

    def test_another_category_brings_the_promises_of_its_own_policy(self, cast, at):
        policy = PromisePolicy.objects.create(
            severity="normal", category=cast.metering, kind="resolution", minutes=24 * 60
        )
        complaint = logged(cast, at)
        actor = Actor.staff(cast.handler)
        routing.change_category(complaint.pk, category=cast.metering, reason="Pump", actor=actor, at=at + HOUR)
        assert [p.state for p in complaint.promises.filter(kind="resolution").order_by("id")] == ["replaced", "open"]
        assert complaint.promises.get(kind="resolution", state=State.OPEN).policy == policy


class TestReassigned:
    def hand_over(self, complaint, cast, at, *handlers):
        for number, handler in enumerate(handlers, start=1):
            go(complaint, "reassign", cast.supervisor, at + number * HOUR, handler=handler, reason=f"Reason {number}")

    def test_the_new_handler_and_the_old_one_are_told_why(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        Notice.objects.all().delete()
        self.hand_over(complaint, cast, at, cast.colleague)
        assert told() == ["assigned → sun.yue@desk.example", "taken_away → li.min@desk.example"]
        assert Notice.objects.get(event="taken_away").data["reason"] == "Reason 1"

    def test_the_third_hand_over_goes_to_the_supervisor(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        self.hand_over(complaint, cast, at, cast.colleague, cast.handler)
        assert not Escalation.objects.exists()
        go(complaint, "reassign", cast.supervisor, at + 3 * HOUR, handler=cast.colleague, reason="Third")
        escalation = Escalation.objects.get()
        assert (escalation.reason, escalation.note) == ("bounced", "Third")


class TestConversation:
    @pytest.fixture
    def complaint(self, cast, at):
        complaint = logged(cast, at)
        Notice.objects.all().delete()
        return complaint

    def say(self, complaint, cast, at, **given):
        fields = {"kind": "public", "body": "Good morning", "actor": Actor.staff(cast.frontline), "at": at}
        return conversation.say(complaint.pk, **fields | given)

    def test_a_message_to_the_customer_is_contact_and_is_mailed(self, complaint, cast, at):
        self.say(complaint, cast, at + 10 * MINUTE)
        assert states(complaint) == {"first_contact": "kept", "resolution": "open"}
        assert told() == ["customer_message → wang@customer.example"]
        assert history_is_whole(complaint)

    def test_an_internal_note_is_neither(self, complaint, cast, at):
        self.say(complaint, cast, at + 10 * MINUTE, kind="internal")
        assert states(complaint) == {"first_contact": "open", "resolution": "open"}
        assert told() == []

    def test_too_late_is_not_kept(self, complaint, cast, at):
        self.say(complaint, cast, at + 2 * HOUR)
        first = complaint.promises.get(kind="first_contact")
        assert (first.state, first.kept_at) == (State.OPEN, at + 2 * HOUR)

    def test_an_answer_is_promised_where_a_policy_says_so_and_kept_by_answering(self, complaint, cast, at):
        conversation.customer_says(complaint.pk, body="Any news?", at=at + HOUR)
        assert "reply" not in states(complaint)
        PromisePolicy.objects.create(severity="normal", kind="reply", minutes=120)
        for hours in (2, 3):
            conversation.customer_says(complaint.pk, body="Hello?", at=at + hours * HOUR)
        reply = complaint.promises.get(kind="reply")
        assert reply.due_at == at + 4 * HOUR
        self.say(complaint, cast, at + 3 * HOUR)
        reply.refresh_from_db()
        assert reply.state == State.KEPT

    def test_a_message_does_not_keep_the_answer_somebody_promised_in_it(self, complaint, cast, at):
        from followups import promises

        actor = Actor.staff(cast.frontline)
        promised = promises.make(
            complaint.pk, kind="reply", words="We write again", due_at=at + DAY, actor=actor, at=at + MINUTE
        )
        self.say(complaint, cast, at + 2 * MINUTE, body="We write again tomorrow at ten.")
        promised.refresh_from_db()
        assert promised.state == State.OPEN

    def test_the_handler_hears_of_what_the_customer_writes(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        Notice.objects.all().delete()
        conversation.customer_says(complaint.pk, body="I found the receipt", at=at + HOUR)
        assert told() == ["reply_received → li.min@desk.example"]


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
        assert not complaint.promises.filter(state=State.OPEN).exists()
        assert not Escalation.objects.exists()

    def test_dissatisfaction_goes_to_the_supervisor(self, cast, at):
        self.unsatisfied(cast, at)
        assert Escalation.objects.get().reason == "unsatisfied"
        assert told("escalated") == ["escalated → chen.jing@desk.example"]

    def test_rework_has_a_new_clock_and_keeps_the_old_result(self, cast, at):
        complaint = self.unsatisfied(cast, at)
        go(complaint, "rework", cast.supervisor, at + 2 * HOUR, reason="Measure again")
        old, new = complaint.promises.filter(kind="resolution").exclude(state="replaced").order_by("id")
        assert (old.round, old.state) == (1, State.KEPT)
        assert (new.round, new.state, new.due_at) == (2, State.OPEN, at + 26 * HOUR)
        assert told("reopened") == ["reopened → li.min@desk.example"]
        assert told("customer_reopened") == ["customer_reopened → wang@customer.example"]

    def test_an_archived_case_has_nothing_open(self, cast, at):
        complaint = self.unsatisfied(cast, at)
        data = archive_data(cast) | {"exception_reason": "Agreed with the customer"}
        go(complaint, "archive", cast.supervisor, at + 3 * HOUR, **data)
        escalation = Escalation.objects.get()
        assert (escalation.signed_at, escalation.signed_by) == (at + 3 * HOUR, None)
        complaint.refresh_from_db()
        assert complaint.next_due_at is None
        assert not complaint.promises.filter(state=State.OPEN).exists()
        assert history_is_whole(complaint)

    def test_closing_early_withdraws_every_promise_and_ends_the_wait(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        actor = Actor.staff(cast.handler)
        conversation.say(complaint.pk, kind="public", body="?", actor=actor, at=at + HOUR, wait_for_customer=True)
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


def test_the_third_reminder_goes_to_the_top_of_the_ladder_at_once_and_only_once(cast, at):
    complaint = logged(cast, at)
    for hours in (2, 4, 6, 8):
        conversation.customer_says(complaint.pk, body="Well?", at=at + timedelta(hours=hours))
    escalation = Escalation.objects.get(complaint=complaint, reason="repeat")
    assert escalation.team == cast.company
    assert escalation.at_top
    assert escalation.raised_at == at + timedelta(hours=6)
    assert Notice.objects.filter(event="escalated", person=cast.director).exists()
