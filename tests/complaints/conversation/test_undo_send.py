"""Replies that can be undone: sent once, by the desk, in time; never lost, never twice."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages, undo_send
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import Complaint, Message, WaitingReply
from complaints.writing.reply_templates import Unfilled
from followups.engine import sweep
from followups.models import Notice, Promise
from tests.cases import at_stage, logged
from tests.followups.due import history_is_whole
from tests.told import arrive

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, Status.ASSIGNED, at)


def write(complaint, author, at, **given):
    return undo_send.reply(
        complaint.pk, **{"body": "We measure on Thursday.", "actor": Actor.staff(author), "at": at} | given
    )


def test_nothing_leaves_before_its_moment_and_everything_after_it(cast, complaint, at):
    write(complaint, cast.handler, at + HOUR, wait_for_customer=True)
    assert undo_send.send_due(at + HOUR + 9 * SECOND) == 0
    assert undo_send.send_due(at + HOUR + 10 * SECOND) == 1
    assert undo_send.send_due(at + HOUR + 11 * SECOND) == 0
    message = complaint.messages.get()
    assert (message.author, message.body, message.at) == (
        cast.handler,
        "We measure on Thursday.",
        at + HOUR + 10 * SECOND,
    )
    assert Complaint.objects.get(pk=complaint.pk).waiting_since == message.at
    assert not WaitingReply.objects.exists()
    assert Notice.objects.filter(event="customer_message").count() == 1
    assert history_is_whole(complaint)


def test_a_desk_that_comes_by_late_writes_it_at_its_moment_but_told_is_what_has_arrived(cast, complaint, at):
    Promise.objects.filter(complaint=complaint, kind="resolution").delete()
    reply_promise = Promise.objects.create(
        complaint=complaint,
        kind="first_contact",
        made_at=at,
        due_at=at + 2 * HOUR,
    )
    write(complaint, cast.handler, at + 2 * HOUR - 15 * SECOND)
    undo_send.send_due(at + 3 * HOUR)
    assert complaint.messages.get().at == at + 2 * HOUR - 5 * SECOND
    arrive(at + 3 * HOUR)
    reply_promise.refresh_from_db()
    assert (reply_promise.state, reply_promise.kept_at) == ("open", at + 3 * HOUR)


@pytest.mark.parametrize(("ahead", "waits"), [(5, False), (10, False), (11, True)])
def test_a_reply_does_not_wait_when_a_promise_falls_due_meanwhile(cast, complaint, at, ahead, waits):
    Promise.objects.create(complaint=complaint, kind="first_contact", made_at=at, due_at=at + HOUR + ahead * SECOND)
    written = write(complaint, cast.handler, at + HOUR)
    assert isinstance(written, WaitingReply) is waits
    assert complaint.messages.exists() is not waits


def test_a_promise_that_is_broken_already_leaves_time_to_undo(cast, complaint, at):
    Promise.objects.create(
        complaint=complaint, kind="visit", made_at=at, due_at=at + SECOND, state="broken", settled_at=at + SECOND
    )
    assert isinstance(write(complaint, cast.handler, at + HOUR), WaitingReply)


def test_the_same_form_twice_is_one_reply_waiting_or_sent(cast, complaint, at):
    first = write(complaint, cast.handler, at + HOUR, submission_key="k")
    assert write(complaint, cast.handler, at + HOUR, submission_key="k") == first
    undo_send.send_due(at + 2 * HOUR)
    assert write(complaint, cast.handler, at + 2 * HOUR, submission_key="k") == complaint.messages.get()
    assert not WaitingReply.objects.exists()


def test_who_may_not_write_cannot_leave_a_reply_waiting(cast, complaint, at):
    with pytest.raises(NotPermitted):
        write(complaint, cast.auditor, at)
    silent = logged(cast, at, wishes_no_contact=True)
    with pytest.raises(NotAllowedNow):
        write(silent, cast.handler, at)
    assert not WaitingReply.objects.exists()


@pytest.mark.parametrize("body", ["We call you by {promised}.", "{prom\u202aised}"])
def test_a_reply_with_a_hole_of_a_template_is_refused_before_it_waits(cast, complaint, at, body):
    with pytest.raises(Unfilled) as refused:
        write(complaint, cast.handler, at + HOUR, body=body)
    assert (str(refused.value), refused.value.status) == ("Write words for {promised}", 422)
    assert not WaitingReply.objects.exists()


def test_only_its_author_takes_a_reply_back(cast, complaint, at):
    reply = write(complaint, cast.handler, at + HOUR)
    with pytest.raises(NotPermitted):
        undo_send.take_back(reply.pk, actor=Actor.staff(cast.supervisor))
    assert undo_send.take_back(reply.pk, actor=Actor.staff(cast.handler)).body == "We measure on Thursday."
    with pytest.raises(WaitingReply.DoesNotExist):
        undo_send.take_back(reply.pk, actor=Actor.staff(cast.handler))
    assert undo_send.send_due(at + 2 * HOUR) == 0


def fall_silent(cast, complaint):
    Complaint.objects.filter(pk=complaint.pk).update(wishes_no_contact=True)


def leave(cast, complaint):
    cast.handler.memberships.all().delete()


@pytest.mark.parametrize(
    ("meanwhile", "language", "words"),
    [
        (fall_silent, "zh-hans", "客户"),
        (fall_silent, "en", "does not want to be contacted"),
        (leave, "en", "Your role cannot"),
    ],
)
def test_what_may_not_be_sent_any_more_stays_with_the_reason_and_is_not_tried_again(
    cast, complaint, at, meanwhile, language, words
):
    cast.handler.language = language
    cast.handler.save(update_fields=["language"])
    reply = write(complaint, cast.handler, at + HOUR)
    meanwhile(cast, complaint)
    assert undo_send.send_due(at + 2 * HOUR) == 1
    assert undo_send.send_due(at + 2 * HOUR) == 0
    reply.refresh_from_db()
    assert reply.refused
    assert words in reply.refused
    assert not complaint.messages.exists()


def test_a_reply_that_fails_does_not_hold_up_the_next_one(cast, complaint, at, monkeypatch, caplog):
    other = at_stage(cast, Status.ASSIGNED, at)
    bad, _good = write(complaint, cast.handler, at + HOUR), write(other, cast.handler, at + HOUR + SECOND)
    say = messages.say

    def fails(complaint_id, **said):
        if complaint_id == complaint.pk:
            say(complaint_id, **said)
            raise ValueError("odd")
        return say(complaint_id, **said)

    monkeypatch.setattr(messages, "say", fails)
    assert undo_send.send_due(at + 2 * HOUR) == 2
    bad.refresh_from_db()
    assert "Something went wrong" in bad.refused
    assert not complaint.messages.exists(), "nothing half done"
    assert other.messages.count() == 1
    assert f"Reply {bad.pk} could not be sent" in caplog.text


def test_a_lost_database_blames_no_reply(cast, complaint, at, monkeypatch):
    reply = write(complaint, cast.handler, at + HOUR)

    def lost(*_args, **_said):
        raise OperationalError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(messages, "say", lost)
        with pytest.raises(OperationalError):
            undo_send.send_due(at + 2 * HOUR)
    reply.refresh_from_db()
    assert reply.refused == ""
    assert undo_send.send_due(at + 2 * HOUR) == 1


def test_when_nothing_waits_a_turn_costs_one_query(db, at, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert undo_send.send_due(at) == 0


def test_the_question_what_is_due_is_answered_by_its_index(cast, complaint, at):
    with CaptureQueriesContext(connection) as queries:
        undo_send.send_due(at)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "reply_to_send" in plan


def test_a_turn_of_the_sweep_sends_and_settles_before_it_breaks(cast, now):
    complaint = logged(cast, now - 2 * HOUR)
    complaint.promises.exclude(kind="first_contact").delete()
    write(complaint, cast.handler, now - 60 * SECOND)
    undo_send.send_due(now)
    # The mail server took it before it fell due, and the desk comes by later than both.
    complaint.promises.update(due_at=now - 10 * SECOND, warn_at=None)
    took = Notice.objects.filter(event="customer_message", state=Notice.State.QUEUED)
    assert took.update(state=Notice.State.SENT, sent_at=now - 20 * SECOND) == 1
    write(complaint, cast.handler, now - 30 * SECOND, body="We measured it.")
    handled = sweep.run(budget_seconds=5)
    assert (handled["sent"], handled["settled"], handled["broken"]) == (1, 1, 0)
    promise = complaint.promises.get(kind="first_contact")
    assert (promise.state, promise.kept_at) == ("kept", now - 20 * SECOND)


def test_what_the_mail_server_has_not_taken_when_it_falls_due_keeps_nothing(cast, now):
    complaint = logged(cast, now - 2 * HOUR)
    complaint.promises.exclude(kind="first_contact").delete()
    complaint.promises.update(due_at=now - 10 * SECOND, warn_at=None)
    write(complaint, cast.handler, now - 30 * SECOND)
    handled = sweep.run(budget_seconds=5)
    assert (handled["sent"], handled["settled"], handled["broken"]) == (1, 0, 1)
    assert complaint.promises.get(follows=None).state == "broken"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_desks_at_once_send_every_reply_once(cast, at):
    cases = [at_stage(cast, Status.ASSIGNED, at) for _ in range(4)]
    for number, case in enumerate(cases * 3):
        write(case, cast.handler, at + HOUR, body=f"Reply {number}")
    handled = []

    def work():
        try:
            while WaitingReply.objects.filter(refused="").exists():
                handled.append(undo_send.send_due(at + 2 * HOUR))
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(handled) == 12
    assert sorted(Message.objects.values_list("body", flat=True)) == sorted(f"Reply {n}" for n in range(12))
    assert all(history_is_whole(case) for case in cases)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_desk_that_dies_while_sending_loses_nothing(cast, at, monkeypatch):
    case = at_stage(cast, Status.ASSIGNED, at)
    write(case, cast.handler, at + HOUR)

    def killed(*_args, **_said):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(WaitingReply, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            undo_send.send_due(at + 2 * HOUR)
    assert not case.messages.exists()
    assert undo_send.send_due(at + 2 * HOUR) == 1
    assert case.messages.count() == 1
