"""A step taken while a reply still waits: the reply goes first, the step follows it, or neither happens."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import close_old_connections, connection
from django.test import Client
from django.urls import reverse

from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.choices import Outcome, Status
from complaints.conversation import undo_send
from complaints.customer import decisions
from complaints.errors import GateRefused
from complaints.evidence import attaching
from complaints.models import BulkRow, BulkRun, Complaint, Evidence, Message, WaitingReply
from complaints.queue import bulk
from complaints.steps import lifecycle
from followups.callbacks import callbacks
from followups.models import Notice
from tests.cases import at_stage, resolution_data
from tests.followups.due import history_is_whole

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, Status.ASSIGNED, at)


def write(complaint, author, at, **given):
    return undo_send.reply(
        complaint.pk,
        **{"body": "Pump closed off, 186 yuan paid back.", "actor": Actor.staff(author), "at": at} | given,
    )


def resolve(cast, complaint, at, **data):
    """Resolve by "told with the reply", none written in the step: an earlier message has to have told the result."""
    data = resolution_data(cast) | {"told_how": "message", "told_note": ""} | data
    return lifecycle.perform(complaint.pk, "resolve", actor=Actor.staff(cast.handler), at=at, data=data)


def withdraw(cast, complaint, at):
    data = {"outcome": Outcome.WITHDRAWN, "reason": "He called"}
    return lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)


def reassign(cast, complaint, at, **more):
    data = {"team": cast.hexi, "handler": cast.colleague, "reason": "Shift change"}
    return lifecycle.perform(complaint.pk, "reassign", actor=Actor.staff(cast.supervisor), at=at, data=data, **more)


def said_by_people(complaint) -> list[str]:
    """Their events in order, without what follows from them by itself."""
    events = complaint.events.filter(actor_kind="person").exclude(kind__startswith="promise_")
    return list(events.order_by("number").values_list("kind", flat=True))


def test_the_gate_sees_the_reply_that_was_just_written(cast, complaint, at):
    write(complaint, cast.handler, at + HOUR, wait_for_customer=True)
    resolve(cast, complaint, at + HOUR + 3 * SECOND)
    message = complaint.messages.get()
    assert (message.author, message.at) == (cast.handler, at + HOUR + 3 * SECOND)
    result = complaint.resolutions.get()
    assert (result.told_how, result.told_at) == ("message", message.at)
    assert said_by_people(complaint)[-3:] == ["message_sent", "waiting_began", "resolved"]
    assert Complaint.objects.get(pk=complaint.pk).waiting_since is None
    assert Notice.objects.filter(event="customer_message").count() == 1
    assert history_is_whole(complaint)
    assert undo_send.send_due(at + 2 * HOUR) == 0


def test_without_it_the_same_step_is_refused(cast, complaint, at):
    with pytest.raises(GateRefused) as refused:
        resolve(cast, complaint, at + HOUR)
    assert [item.field for item in refused.value.missing] == ["told_how"]


def test_a_step_that_is_refused_leaves_it_waiting_and_its_author_may_still_undo_it(cast, complaint, at):
    reply = write(complaint, cast.handler, at + HOUR)
    with pytest.raises(GateRefused):
        resolve(cast, complaint, at + HOUR + SECOND, cause=None)
    assert not complaint.messages.exists()
    assert Complaint.objects.get(pk=complaint.pk).version == complaint.version
    assert undo_send.take_back(reply.pk, actor=Actor.staff(cast.handler)).refused == ""


def test_undo_after_the_step_comes_too_late(cast, complaint, at):
    reply = write(complaint, cast.handler, at + HOUR)
    resolve(cast, complaint, at + HOUR + SECOND)
    client = Client()
    client.force_login(cast.handler)
    with time_machine.travel(at + HOUR + 2 * SECOND, tick=False):
        undone = client.post(reverse("complaints:undo_reply", args=[complaint.reference, reply.pk]), follow=True)
    assert "Too late: it was sent already" in undone.content.decode()
    assert complaint.messages.count() == 1


def test_a_case_that_is_closed_leaves_nothing_behind(cast, complaint, at):
    write(complaint, cast.handler, at + HOUR, body="First.")
    write(complaint, cast.frontline, at + HOUR + SECOND, body="Second.")
    withdraw(cast, complaint, at + HOUR + 2 * SECOND)
    assert [(m.body, m.author) for m in complaint.messages.all()] == [
        ("First.", cast.handler),
        ("Second.", cast.frontline),
    ]
    assert said_by_people(complaint)[-3:] == ["message_sent", "message_sent", "closed_early"]
    assert not WaitingReply.objects.exists()
    assert history_is_whole(complaint)


@pytest.mark.parametrize(("later", "moment"), [(3, 3), (10, 10), (60, 10)])
def test_its_moment_is_that_of_the_step_but_never_later_than_its_own(cast, complaint, at, later, moment):
    write(complaint, cast.handler, at + HOUR)
    reassign(cast, complaint, at + HOUR + later * SECOND)
    assert complaint.messages.get().at == at + HOUR + moment * SECOND


def test_somebody_elses_reply_that_leaves_with_the_step_does_not_make_the_form_stale(cast, complaint, at):
    write(complaint, cast.handler, at + HOUR)
    after = reassign(cast, complaint, at + HOUR + SECOND, version=complaint.version)
    assert (after.handler, complaint.messages.get().author) == (cast.colleague, cast.handler)


def test_one_that_may_not_be_sent_any_more_stays_with_the_reason_and_the_step_is_taken(cast, complaint, at):
    reply = write(complaint, cast.handler, at + HOUR)
    cast.handler.memberships.all().delete()
    assert reassign(cast, complaint, at + HOUR + SECOND).handler == cast.colleague
    reply.refresh_from_db()
    assert "Your role cannot" in reply.refused
    assert not complaint.messages.exists()
    assert withdraw(cast, complaint, at + HOUR + 2 * SECOND).is_archived, "and it is not tried again"
    assert not complaint.messages.exists()


def test_its_files_go_with_it(cast, complaint, at):
    photo = attaching.examine(SimpleUploadedFile("certificate.pdf", b"%PDF-1.4\n%%EOF\n"))
    write(complaint, cast.handler, at + HOUR, files=[photo])
    withdraw(cast, complaint, at + HOUR + SECOND)
    file = Evidence.objects.get()
    assert (file.message, file.public) == (complaint.messages.get(), True)


def test_a_step_of_the_customer_leaves_the_desk_its_ten_seconds(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    reply = write(complaint, cast.handler, at + HOUR)
    data = {"solved": True, "rating": 5}
    lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=at + HOUR + SECOND, data=data)
    assert not complaint.messages.exists()
    assert undo_send.send_due(reply.send_at) == 1
    assert complaint.messages.count() == 1


def test_a_customer_who_takes_the_complaint_back_gets_the_reply_that_waits_first(cast, complaint, at):
    closing = [step for step in lifecycle.TRANSITIONS.values() if step.target == Status.ARCHIVED]
    assert [step.action for step in closing if step.by_customer] == ["close_early"]
    write(complaint, cast.handler, at + HOUR)
    decisions.take_back(complaint.pk, {"words": "It is settled"}, at=at + HOUR + SECOND)
    kinds = list(complaint.events.order_by("number").values_list("kind", flat=True))
    assert kinds.index("message_sent") < kinds.index("closed_early")
    assert not WaitingReply.objects.exists()
    assert history_is_whole(complaint)


def test_the_answer_of_a_callback_goes_on_with_the_same_history(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    write(complaint, cast.handler, at + HOUR)
    callbacks.record_attempt(
        complaint.callbacks.get().pk,
        outcome="reached",
        solved=True,
        rating=5,
        actor=Actor.staff(cast.handler),
        at=at + HOUR + SECOND,
    )
    kinds = said_by_people(complaint)
    assert kinds.index("callback_attempted") < kinds.index("message_sent") < kinds.index("feedback_recorded")
    assert history_is_whole(complaint)


def test_a_bulk_action_sends_what_waits_on_the_rows_it_does_and_leaves_the_refused(cast, at):
    done, refused = (at_stage(cast, Status.ASSIGNED, at) for _each in range(2))
    reassign(cast, refused, at + HOUR)
    for complaint in (done, refused):
        write(complaint, cast.handler, at + HOUR)
    wanted = Complaint.objects.filter(pk__in=[done.pk, refused.pk])
    run = bulk.choose(cast.supervisor, BulkRun.Action.REASSIGN, wanted, at=at + HOUR)
    values = {"team": cast.hexi.pk, "handler": cast.colleague.pk, "reason": "Shift change"}
    bulk.start(run.pk, person=cast.supervisor, values=values, at=at + HOUR)
    bulk.work(run.pk, clock=lambda: at + HOUR + SECOND)
    assert dict(run.rows.values_list("complaint", "state")) == {
        done.pk: BulkRow.State.DONE,
        refused.pk: BulkRow.State.REFUSED,
    }
    assert done.messages.count() == 1
    assert WaitingReply.objects.get().complaint == refused


def test_where_nothing_waits_it_costs_a_step_one_query(cast, complaint, at, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert not undo_send.send_before_step(complaint, at=at)


def test_the_desks_own_steps_ask_nothing(cast, at, monkeypatch):
    complaint = at_stage(cast, Status.RESOLVED, at)
    complaint.callbacks.update(state="given_up")
    monkeypatch.delattr(undo_send, "send_before_step")
    lifecycle.perform(complaint.pk, "record_feedback", actor=SYSTEM, at=at + HOUR, data={"no_answer": True})


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_step_and_the_sweep_at_once_send_every_reply_once(cast, at):
    cases = [at_stage(cast, Status.ASSIGNED, at) for _each in range(6)]
    for number, case in enumerate(cases * 2):
        write(case, cast.handler, at + HOUR, body=f"Reply {number}")
    together = threading.Barrier(2)

    def in_a_thread(work):
        def run():
            try:
                together.wait(30)
                work()
            finally:
                close_old_connections()
                connection.close()

        return threading.Thread(target=run)

    def sweep():
        while WaitingReply.objects.filter(refused="").exists():
            undo_send.send_due(at + 2 * HOUR)

    def steps():
        # From the other end: they meet in the middle.
        for case in reversed(cases):
            reassign(cast, case, at + 2 * HOUR)

    threads = [in_a_thread(sweep), in_a_thread(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(Message.objects.values_list("body", flat=True)) == sorted(f"Reply {n}" for n in range(12))
    for case in cases:
        assert said_by_people(case)[-3:] == ["message_sent", "message_sent", "reassigned"]
        assert history_is_whole(case)
