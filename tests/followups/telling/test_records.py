"""Told is evidence: which way reaches whom, what that keeps, and what comes of it when it did not arrive."""

from datetime import timedelta

import pytest
from django.db import transaction

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.errors import GateRefused
from complaints.models import Customer, Message
from complaints.steps import facts, lifecycle
from followups.delivery import delivery
from followups.engine import effects
from followups.models import Escalation, Notice, Promise
from followups.models.promise import PromiseKind
from followups.promises import promises
from followups.telling import records, saying
from tests.cases import at_stage, logged, resolution_data

HOUR = timedelta(hours=1)
State = Notice.State
NO_WAY = {"email": "", "phone": "139 0000 4417"}


def write(cast, complaint, at, body="We look at it on Thursday at 10:00.", **more) -> Message:
    actor = Actor.staff(cast.handler)
    return messages.say(complaint.pk, kind="public", body=body, actor=actor, at=at, **more)


def promise(complaint, kind) -> Promise:
    return complaint.promises.filter(kind=kind).latest("pk")


def notice_of(message) -> Notice:
    return Notice.objects.get(data__message=message.pk, to_customer=True)


def end(notice, state, at, error=""):
    Notice.objects.filter(pk=notice.pk).update(
        state=state, sent_at=at if state == State.SENT else None, last_error=error
    )
    records.settle(notice.pk, at=at)


class TestByMail:
    def test_what_was_only_queued_keeps_nothing(self, cast, at):
        complaint = logged(cast, at)
        write(cast, complaint, at)
        assert promise(complaint, PromiseKind.FIRST_CONTACT).state == Promise.State.OPEN
        assert not complaint.tellings.exists()

    def test_what_the_server_took_keeps_from_that_moment_on(self, cast, at):
        complaint = logged(cast, at)
        message = write(cast, complaint, at)
        delivery.run(budget_seconds=5)
        telling = complaint.tellings.get(message=message)
        assert (telling.way, telling.evidence, telling.at) == ("email", "accepted", notice_of(message).sent_at)
        kept = promise(complaint, PromiseKind.FIRST_CONTACT)
        assert (kept.state, kept.kept_at, kept.kept_by) == (Promise.State.KEPT, telling.at, telling)
        assert complaint.events.filter(kind="told", data__telling=telling.pk).exists()

    def test_settling_twice_is_once(self, cast, at):
        complaint = logged(cast, at)
        message = write(cast, complaint, at)
        end(notice_of(message), State.SENT, at)
        assert not records.settle(notice_of(message).pk, at=at)
        assert complaint.tellings.filter(message=message).count() == 1

    def test_what_a_worker_left_behind_the_sweep_settles_before_anything_breaks(self, cast, at):
        complaint = logged(cast, at)
        message = write(cast, complaint, at)
        Notice.objects.filter(pk=notice_of(message).pk).update(state=State.SENT, sent_at=at)
        assert records.settle_all() == 1
        assert promise(complaint, PromiseKind.FIRST_CONTACT).state == Promise.State.KEPT

    def test_refused_for_good_it_becomes_a_call_and_a_signature(self, cast, at):
        complaint = logged(cast, at)
        message = write(cast, complaint, at)
        end(notice_of(message), State.DEAD, at, "550 no such user")
        to_say = Notice.objects.get(complaint=complaint, state=State.TO_SAY)
        assert (to_say.channel, to_say.data["message"], to_say.address) == ("call", message.pk, "139 0000 4417")
        assert promise(complaint, PromiseKind.TELL).state == Promise.State.OPEN
        assert complaint.escalations.get(reason=Escalation.Reason.UNTOLD).note == "550 no such user"
        assert Customer.objects.get(pk=complaint.customer_id).email_failed_at == at
        assert promise(complaint, PromiseKind.FIRST_CONTACT).state == Promise.State.OPEN

    def test_what_comes_back_later_takes_the_kept_back(self, cast, at):
        complaint = logged(cast, at)
        message = write(cast, complaint, at)
        notice = notice_of(message)
        end(notice, State.SENT, at)
        kept = promise(complaint, PromiseKind.FIRST_CONTACT)
        assert kept.state == Promise.State.KEPT
        complaint.refresh_from_db()
        with transaction.atomic():
            records.fail(complaint, notice, why="mailbox full", at=at + HOUR)
        kept.refresh_from_db()
        assert (kept.state, kept.kept_at, kept.kept_by) == (Promise.State.OPEN, None, None)
        telling = complaint.tellings.get(message=message)
        assert (telling.undone_at, telling.undone_because) == (at + HOUR, "mailbox full")
        kinds = set(complaint.events.values_list("kind", flat=True))
        assert {"telling_failed", "telling_undone", "promise_reopened"} <= kinds
        effects.break_due([kept.pk], kept.due_at)
        kept.refresh_from_db()
        assert kept.state == Promise.State.BROKEN

    def test_a_result_that_does_not_arrive_is_not_resolved_until_it_is_said(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        data = resolution_data(cast) | {"told_how": "message", "told_note": "", "reply": "We pay 186 yuan back."}
        lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at + HOUR, data=data)
        assert promise(complaint, PromiseKind.RESOLUTION).state == Promise.State.OPEN
        message = complaint.messages.get(kind="public")
        end(notice_of(message), State.DEAD, at + HOUR, "550 no")
        complaint.refresh_from_db()
        assert complaint.status == Status.ASSIGNED
        assert complaint.callbacks.get().state == "withdrawn"
        owed = Notice.objects.get(complaint=complaint, state=State.TO_SAY, data__message=message.pk)
        saying.said(
            complaint.pk, notice_ids=[owed.pk], way="phone", actor=Actor.staff(cast.frontline), at=at + 2 * HOUR
        )
        complaint.refresh_from_db()
        assert complaint.status == Status.RESOLVED
        kept = promise(complaint, PromiseKind.RESOLUTION)
        assert (kept.state, kept.kept_at) == (Promise.State.KEPT, at + 2 * HOUR)
        assert complaint.callbacks.get().state == "open"
        assert not Notice.objects.filter(complaint=complaint, state=State.TO_SAY).exists()

    def test_a_result_by_mail_is_kept_when_it_arrives(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at)
        data = resolution_data(cast) | {"told_how": "message", "told_note": "", "reply": "We pay 186 yuan back."}
        lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at + HOUR, data=data)
        end(notice_of(complaint.messages.get(kind="public")), State.SENT, at + HOUR)
        kept = promise(complaint, PromiseKind.RESOLUTION)
        assert (kept.state, kept.kept_at) == (Promise.State.KEPT, at + HOUR)


class TestWithoutAWay:
    def test_everything_is_a_call_with_a_date(self, cast, at):
        complaint = logged(cast, at, **NO_WAY)
        owed = Notice.objects.get(complaint=complaint, to_customer=True)
        assert (owed.event, owed.state) == ("customer_acknowledged", State.TO_SAY)
        duty = promise(complaint, PromiseKind.TELL)
        assert (duty.state, duty.to_customer) == (Promise.State.OPEN, False)
        write(cast, complaint, at)
        assert Notice.objects.filter(complaint=complaint, state=State.TO_SAY).count() == 2
        assert complaint.promises.filter(kind=PromiseKind.TELL).count() == 1

    def test_said_by_phone_keeps_first_contact_and_ends_the_call(self, cast, at):
        complaint = logged(cast, at, **NO_WAY)
        message = write(cast, complaint, at)
        acknowledgement, owed = Notice.objects.filter(complaint=complaint, to_customer=True).order_by("pk")
        actor = Actor.staff(cast.frontline)
        saying.said(complaint.pk, notice_ids=[acknowledgement.pk], way="in_person", actor=actor, at=at)
        acknowledgement.refresh_from_db()
        assert complaint.reference in acknowledgement.words
        assert "http" not in acknowledgement.words
        # That we have it is no contact yet, and the call is still owed.
        assert promise(complaint, PromiseKind.FIRST_CONTACT).state == Promise.State.OPEN
        assert promise(complaint, PromiseKind.TELL).state == Promise.State.OPEN
        saying.said(complaint.pk, notice_ids=[owed.pk], way="phone", actor=actor, at=at + HOUR / 2)
        owed.refresh_from_db()
        assert (owed.state, owed.words) == (State.SAID, message.body)
        telling = complaint.tellings.get(notice=owed)
        assert (telling.way, telling.evidence, telling.by) == ("phone", "spoken", cast.frontline)
        assert promise(complaint, PromiseKind.FIRST_CONTACT).kept_by == telling
        assert promise(complaint, PromiseKind.TELL).state == Promise.State.KEPT
        # The same form once more.
        assert saying.said(complaint.pk, notice_ids=[owed.pk], way="phone", actor=actor, at=at + HOUR) == []
        assert complaint.tellings.count() == 2

    def test_a_message_that_was_spoken_is_told_at_once(self, cast, at):
        complaint = logged(cast, at, **NO_WAY)
        message = write(cast, complaint, at, spoken="phone")
        assert complaint.tellings.get(message=message).evidence == "spoken"
        assert not Notice.objects.filter(data__message=message.pk).exists()
        assert promise(complaint, PromiseKind.FIRST_CONTACT).state == Promise.State.KEPT

    def test_the_result_cannot_be_told_by_a_message(self, cast, at):
        complaint = at_stage(cast, Status.ASSIGNED, at, **NO_WAY)
        data = resolution_data(cast) | {"told_how": "message", "reply": "We pay 186 yuan back."}
        with pytest.raises(GateRefused) as refused:
            lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at + HOUR, data=data)
        assert [item.field for item in refused.value.missing] == ["told_how"]

    def test_who_answers_on_the_link_has_read_what_stands_there(self, cast, at):
        complaint = logged(cast, at, **NO_WAY)
        messages.customer_says(complaint.pk, body="When do you come?", at=at + HOUR)
        telling = complaint.tellings.get()
        assert (telling.way, telling.evidence) == ("link", "read")
        assert promise(complaint, PromiseKind.TELL).state != Promise.State.OPEN

    def test_a_new_date_for_what_broke_is_not_told_by_any_message(self, cast, at):
        complaint = logged(cast, at)
        visit = promises.make(
            complaint.pk, kind="visit", words="We come", due_at=at + 30 * HOUR, actor=Actor.staff(cast.handler), at=at
        )
        effects.break_due([visit.pk], visit.due_at)
        again = Promise.objects.get(follows=visit)
        assert (again.kind, again.words) == (PromiseKind.REPLY, "Tell you a new date: We come")
        end(notice_of(write(cast, complaint, visit.due_at)), State.SENT, visit.due_at)
        again.refresh_from_db()
        assert again.state == Promise.State.OPEN

    def test_what_their_page_does_not_say_is_still_to_be_said(self, cast, at):
        complaint = logged(cast, at, **NO_WAY)
        visit = promises.make(
            complaint.pk, kind="visit", words="We come", due_at=at + 30 * HOUR, actor=Actor.staff(cast.handler), at=at
        )
        promises.withdraw(visit.pk, reason="You asked us not to", actor=Actor.staff(cast.handler), at=at + HOUR / 2)
        messages.customer_says(complaint.pk, body="When do you come?", at=at + HOUR)
        owed = Notice.objects.get(complaint=complaint, state=State.TO_SAY)
        assert owed.event == "customer_promise_withdrawn"
        assert promise(complaint, PromiseKind.TELL).state == Promise.State.OPEN

    def test_calls_in_vain_move_no_date_and_end_with_a_supervisor(self, cast, at):
        complaint = logged(cast, at, **NO_WAY)
        actor = Actor.staff(cast.frontline)
        due_at = promise(complaint, PromiseKind.TELL).due_at
        for number in (1, 2, 3):
            assert promise(complaint, PromiseKind.TELL).due_at == due_at
            saying.not_reached(complaint.pk, outcome="no_answer", number=number, actor=actor, at=at + number * HOUR)
        assert not Notice.objects.filter(complaint=complaint, state=State.TO_SAY).exists()
        assert complaint.escalations.filter(reason=Escalation.Reason.UNTOLD).count() == 1
        assert promise(complaint, PromiseKind.TELL).state == Promise.State.WITHDRAWN


def test_who_wishes_no_contact_is_told_nothing_and_nobody_is_called(cast, at):
    complaint = logged(cast, at, wishes_no_contact=True)
    assert not Notice.objects.filter(complaint=complaint, to_customer=True).exists()
    assert not complaint.promises.filter(kind=PromiseKind.TELL).exists()


def test_not_solved_is_worked_on_again_by_itself(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    lifecycle.perform(
        complaint.pk, "record_feedback", actor=CUSTOMER, at=at + HOUR, data={"solved": False, "words": "Still leaks"}
    )
    complaint.refresh_from_db()
    assert (complaint.status, complaint.round) == (Status.ASSIGNED, 2)
    assert complaint.rounds.get().reason == "Still leaks"
    assert complaint.promises.filter(round=2, kind=PromiseKind.RESOLUTION, state="open").exists()
    assert complaint.escalations.filter(reason=Escalation.Reason.UNSATISFIED).count() == 1


def test_who_gives_an_address_after_all_is_written_to(cast, at):
    complaint = logged(cast, at, **NO_WAY)
    facts.correct(complaint.pk, actor=Actor.staff(cast.handler), at=at + HOUR, data={"email": "wang@customer.example"})
    owed = Notice.objects.get(complaint=complaint, event="customer_acknowledged")
    assert (owed.state, owed.channel, owed.address) == (State.QUEUED, "email", "wang@customer.example")
    assert promise(complaint, PromiseKind.TELL).state == Promise.State.WITHDRAWN


def test_another_address_works_until_it_is_known_not_to(cast, at):
    complaint = logged(cast, at)
    end(notice_of(write(cast, complaint, at)), State.DEAD, at, "550 no such user")
    facts.correct(
        complaint.pk, actor=Actor.staff(cast.handler), at=at + HOUR, data={"email": "other@customer.example"}
    )
    assert Customer.objects.get(pk=complaint.customer_id).can_be_written_to
    assert not Notice.objects.filter(complaint=complaint, state=State.TO_SAY).exists()
