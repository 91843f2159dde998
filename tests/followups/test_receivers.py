from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction

from complaints.case import events
from complaints.case.actors import SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.conversation import messages
from complaints.intake import receiving
from complaints.models import Complaint, ComplaintEvent
from complaints.steps import assignment, lifecycle
from followups.models import Callback, Escalation, Notice, Promise, PromisePolicy
from tests.cases import (
    IMPORTED,
    assignment_data,
    at_stage,
    logged,
    verification_data,
)
from tests.followups.due import history_is_whole
from tests.told import arrive

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


class TestLogged:
    def test_it_is_promised_and_acknowledged_at_once(self, cast, at):
        complaint = logged(cast, at)
        assert states(complaint) == PROMISED
        assert told() == ["customer_acknowledged → wang@customer.example"]
        complaint.refresh_from_db()
        assert complaint.next_due_at == at + HOUR
        assert history_is_whole(complaint)

    def test_nothing_is_told_to_who_wishes_no_contact(self, cast, at):
        complaint = logged(cast, at, wishes_no_contact=True)
        logged(cast, at, email="", phone="139 0000 4418", wishes_no_contact=True)
        assert told() == []
        assert "tell" not in states(complaint)

    def test_to_who_left_no_address_it_is_to_be_said_by_phone_and_that_has_a_date(self, cast, at):
        complaint = logged(cast, at, email="", phone="139 0000 4418")
        notice = Notice.objects.get()
        assert told() == ["customer_acknowledged → 139 0000 4418"]
        assert (notice.channel, notice.state) == (Notice.Channel.CALL, Notice.State.TO_SAY)
        tell = complaint.promises.get(kind="tell")
        assert (tell.state, tell.to_customer, tell.due_at) == (State.OPEN, False, at + 4 * HOUR)
        assert complaint.events.get(kind="promise_made", data__promise=tell.pk).public is False
        assert arrive(at + MINUTE)["sent"] == 0
        assert mail.outbox == []

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

        monkeypatch.setattr("followups.escalation.escalations.escalate", fail)
        with pytest.raises(RuntimeError), transaction.atomic():
            logged(cast, at, severity="danger")
        assert (Complaint.objects.count(), Promise.objects.count(), Notice.objects.count()) == (0, 0, 0)


def imported_at(complaint: Complaint, at: datetime) -> ComplaintEvent:
    return events.build(complaint, EventKind.IMPORTED, actor=SYSTEM, at=at, data=IMPORTED)


class TestImported:
    def imported(self, cast, at, count, **given) -> list[Complaint]:
        fields = {"narrative": "Old", "channel": "import", "team": cast.hexi, "email": "old@customer.example"}
        made = []
        for number, reference in enumerate(receiving.next_references(at, count)):
            given_now = receiving.Intake(**fields | {"name": f"Customer {number}"})
            complaint = receiving.build(given_now, received_at=at - 90 * DAY, created_at=at, logged_by=None)
            complaint.customer.save()
            complaint.reference = reference
            for name, value in given.items():
                setattr(complaint, name, value)
            complaint.save()
            made.append(complaint)
        history = [imported_at(complaint, at) for complaint in made]
        for complaint in made:
            complaint.save(update_fields=["event_count", "last_event_hash"])
        with transaction.atomic():
            events.append_many(history)
        return made

    def test_promises_count_from_the_import_and_nobody_hears_of_it(self, cast, at):
        (complaint,) = self.imported(cast, at, 1)
        assert {p.kind: p.due_at for p in complaint.promises.all()} == {
            "first_contact": at + HOUR,
            "verification": at + 16 * HOUR,
            "resolution": at + 7 * DAY,
        }
        assert told() == []
        assert complaint.events.filter(kind="promise_made").count() == 3
        assert history_is_whole(complaint)

    @pytest.mark.parametrize("status", ["verified", "assigned", "resolved", "feedback"])
    def test_a_case_under_way_is_promised_nothing_but_we_owe_ourselves_a_decision(self, cast, at, status):
        (complaint,) = self.imported(cast, at, 1, status=status)
        promise = Promise.objects.get()
        assert (promise.kind, promise.state, promise.to_customer) == ("next_step", State.OPEN, False)
        assert promise.due_at == at + 8 * HOUR
        complaint.refresh_from_db()
        assert complaint.next_due_at == promise.due_at
        assert told() == []
        assert not Callback.objects.exists()
        assert history_is_whole(complaint)

    def test_a_finished_case_is_promised_nothing(self, cast, at):
        self.imported(cast, at, 1, status="archived", closed_at=at - 60 * DAY)
        assert not Promise.objects.exists()
        assert not Callback.objects.exists()

    @pytest.mark.parametrize("count", [1, 25])
    def test_the_queries_do_not_grow_with_the_batch(self, cast, at, count, django_assert_max_num_queries):
        fresh = self.imported(cast, at, count, status="resolved")
        for complaint in fresh:
            complaint.status = "received"
        again = [imported_at(complaint, at) for complaint in fresh]
        with django_assert_max_num_queries(12), transaction.atomic():
            events.append_many(again)
        assert Promise.objects.exclude(kind="next_step").count() == 3 * count


class TestVerifiedAndAssigned:
    def test_who_confirmed_by_phone_was_in_contact(self, cast, at):
        complaint = logged(cast, at)
        go(complaint, "verify", cast.handler, at + 5 * MINUTE, **verification_data(at))
        promise, told_by = complaint.promises.get(kind="first_contact"), complaint.tellings.get()
        assert (promise.state, promise.kept_at, promise.kept_by) == (State.KEPT, at + 5 * MINUTE, told_by)
        assert (told_by.way, told_by.evidence, told_by.by) == ("phone", "spoken", cast.handler)

    def test_who_could_not_be_reached_is_still_owed_the_contact(self, cast, at):
        complaint = logged(cast, at)
        unconfirmed = verification_data(at) | {"confirmed_how": "not", "not_confirmed_reason": "No answer"}
        go(complaint, "verify", cast.handler, at + 5 * MINUTE, **unconfirmed)
        assert complaint.promises.get(kind="first_contact").state == State.OPEN

    def test_a_promised_verification_is_kept_by_verifying(self, cast, at):
        complaint = logged(cast, at)
        go(complaint, "verify", cast.handler, at + 5 * MINUTE, **verification_data(at))
        promise = complaint.promises.get(kind="verification")
        assert (promise.state, promise.kept_at) == (State.KEPT, at + 5 * MINUTE)

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
        assignment.change_severity(
            complaint.pk, severity="normal", reason="No", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        assignment.change_severity(
            complaint.pk, severity="danger", reason="Yes", actor=Actor.staff(cast.handler), at=at + HOUR
        )
        assert Escalation.objects.filter(reason="severity").count() == 1

    def test_another_category_brings_the_promises_of_its_own_policy(self, cast, at):
        policy = PromisePolicy.objects.create(
            severity="normal", category=cast.metering, kind="resolution", minutes=24 * 60
        )
        complaint = logged(cast, at)
        actor = Actor.staff(cast.handler)
        assignment.change_category(complaint.pk, category=cast.metering, reason="Pump", actor=actor, at=at + HOUR)
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
        assert told() == [
            "assigned → sun.yue@desk.example",
            "taken_away → li.min@desk.example",
            "customer_handler → wang@customer.example",
        ]
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
        return messages.say(complaint.pk, **fields | given)

    def test_a_message_to_the_customer_is_mailed_and_is_contact_once_it_has_arrived(self, complaint, cast, at):
        self.say(complaint, cast, at + 10 * MINUTE)
        assert states(complaint) == PROMISED
        assert told() == ["customer_message → wang@customer.example"]
        arrive(at + 12 * MINUTE)
        assert states(complaint) == PROMISED | {"first_contact": "kept"}
        promise, told_by = complaint.promises.get(kind="first_contact"), complaint.tellings.get()
        assert (promise.kept_at, promise.kept_by) == (at + 12 * MINUTE, told_by)
        assert (told_by.way, told_by.evidence, told_by.address) == ("email", "accepted", "wang@customer.example")
        assert history_is_whole(complaint)

    def test_an_internal_note_is_neither(self, complaint, cast, at):
        self.say(complaint, cast, at + 10 * MINUTE, kind="internal")
        arrive(at + 12 * MINUTE)
        assert states(complaint) == PROMISED
        assert told() == []

    @pytest.mark.parametrize("written", [2 * HOUR, HOUR - MINUTE])
    def test_too_late_is_not_kept_whenever_it_was_written(self, complaint, cast, at, written):
        self.say(complaint, cast, at + written)
        arrive(at + 2 * HOUR)
        first = complaint.promises.get(kind="first_contact")
        assert (first.state, first.kept_at) == (State.OPEN, at + 2 * HOUR)

    def test_an_answer_is_promised_where_a_policy_says_so_and_kept_by_answering(self, complaint, cast, at):
        messages.customer_says(complaint.pk, body="Any news?", at=at + HOUR)
        assert "reply" not in states(complaint)
        PromisePolicy.objects.create(severity="normal", kind="reply", minutes=120)
        for hours in (2, 3):
            messages.customer_says(complaint.pk, body="Hello?", at=at + hours * HOUR)
        reply = complaint.promises.get(kind="reply")
        assert reply.due_at == at + 4 * HOUR
        self.say(complaint, cast, at + 3 * HOUR)
        reply.refresh_from_db()
        assert reply.state == State.OPEN
        arrive(at + 3 * HOUR + MINUTE)
        reply.refresh_from_db()
        assert (reply.state, reply.kept_at) == (State.KEPT, at + 3 * HOUR + MINUTE)

    def test_a_message_does_not_keep_the_answer_somebody_promised_in_it(self, complaint, cast, at):
        from followups.promises import promises

        actor = Actor.staff(cast.frontline)
        promised = promises.make(
            complaint.pk, kind="reply", words="We write again", due_at=at + DAY, actor=actor, at=at + MINUTE
        )
        self.say(complaint, cast, at + 2 * MINUTE, body="We write again tomorrow at ten.")
        arrive(at + 3 * MINUTE)
        assert complaint.promises.get(kind="first_contact").state == State.KEPT
        promised.refresh_from_db()
        assert promised.state == State.OPEN

    def test_the_handler_hears_of_what_the_customer_writes(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        Notice.objects.all().delete()
        messages.customer_says(complaint.pk, body="I found the receipt", at=at + HOUR)
        assert told() == ["reply_received → li.min@desk.example"]


def test_the_third_reminder_goes_to_the_top_of_the_ladder_at_once_and_only_once(cast, at):
    complaint = logged(cast, at)
    for hours in (2, 4, 6, 8):
        messages.customer_says(complaint.pk, body="Well?", at=at + timedelta(hours=hours))
    escalation = Escalation.objects.get(complaint=complaint, reason="repeat")
    assert escalation.team == cast.company
    assert escalation.at_top
    assert escalation.raised_at == at + timedelta(hours=6)
    assert Notice.objects.filter(event="escalated", person=cast.director).exists()
