import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import OperationalError, connection

from accounts.models import Person
from complaints.case.actors import Actor
from complaints.errors import NotAllowedNow
from followups import clock
from followups.delivery import delivery, gate, outgoing, retrying
from followups.models import Notice
from followups.notices import mails
from followups.outbox import notices
from tests.cases import logged
from tests.followups.smtp_sink import SmtpSink

MINUTE = timedelta(minutes=1)
State = Notice.State


@pytest.fixture
def sink(settings):
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", sink.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield sink


@pytest.fixture
def notice(cast, at) -> Notice:
    complaint = logged(cast, at)
    Notice.objects.all().delete()
    return told(cast, complaint, at, "one")


def told(cast, complaint, at, key) -> Notice:
    data = {"reason": "You know pumps"}
    notices.tell_person(cast.handler, "assigned", complaint=complaint, key=key, data=data, at=at)
    return Notice.objects.get(key__startswith=f"{key}:")


def deliver() -> dict:
    return dict(delivery.run(budget_seconds=30))


def look(notice) -> Notice:
    notice.refresh_from_db()
    return notice


def ready_again(notice):
    Notice.objects.filter(pk=notice.pk).update(not_before=clock.now())


class TestSending:
    def test_what_is_ready_is_sent_once_and_says_so(self, sink, notice):
        assert deliver() == {"sent": 1}
        assert deliver() == {}
        (received,) = sink.messages
        assert received["To"] == "li.min@desk.example"
        assert received["Message-ID"] == mails.message_id(notice)
        assert "You know pumps" in received.get_body(("plain",)).get_content()
        sent = look(notice)
        assert (sent.state, sent.attempts, sent.last_error, sent.lease_token) == (State.SENT, 1, "", None)
        assert sent.sent_at is not None

    def test_chinese_text_arrives_whole(self, sink, notice):
        notice.data = {"reason": "他懂油枪计量"}
        notice.save(update_fields=["data"])
        deliver()
        assert "他懂油枪计量" in sink.messages[0].get_body(("plain",)).get_content()

    def test_what_must_wait_waits(self, sink, notice):
        Notice.objects.filter(pk=notice.pk).update(not_before=clock.now() + MINUTE)
        assert deliver() == {}
        assert look(notice).state == State.QUEUED

    def test_many_share_one_connection(self, sink, notice, cast, at):
        for number in range(30):
            told(cast, notice.complaint, at, f"more{number}")
        assert deliver() == {"sent": 31}
        assert sink.sessions == 1

    def test_other_backends_of_django_work_too(self, notice):
        assert deliver() == {"sent": 1}
        assert mail.outbox[0].extra_headers["Message-ID"] == mails.message_id(notice)

    def test_a_pulse_is_felt_after_every_message(self, sink, notice):
        beats = []
        delivery.run(budget_seconds=5, pulse=lambda: beats.append(1))
        assert len(beats) == 2


class TestFailing:
    @pytest.mark.parametrize("mode", ["refuse", "busy"])
    def test_it_is_tried_again_after_a_pause_that_doubles(self, sink, notice, mode):
        sink.mode = mode
        pauses = []
        for attempt in (1, 2, 3):
            assert deliver() == {"put off": 1}
            row = look(notice)
            assert (row.state, row.attempts) == (State.QUEUED, attempt)
            pauses.append((row.not_before - clock.now()).total_seconds())
            ready_again(notice)
        assert 0 < pauses[0] < 1.3 < pauses[1] < 2.6 < pauses[2] < 5.1
        assert row.last_error
        sink.mode = "ok"
        assert deliver() == {"sent": 1}

    def test_nobody_listening_is_a_pause_too(self, sink, notice, settings):
        settings.EMAIL_PORT = 1
        assert deliver() == {"put off": 1}
        assert "refused" in look(notice).last_error

    @pytest.mark.parametrize(("mode", "words"), [("no_recipient", "550 no such"), ("rejected", "554 we do not")])
    def test_refused_for_good_is_dead_at_once(self, sink, notice, mode, words):
        sink.mode = mode
        assert deliver() == {"dead": 1}
        dead = look(notice)
        assert dead.state == State.DEAD
        assert words in dead.last_error

    def test_an_address_that_is_none_is_dead(self, sink, notice):
        Person.objects.filter(pk=notice.person_id).update(email="wang@@\nBcc: all@example.com")
        assert deliver() == {"dead": 1}
        assert sink.messages == []

    def test_after_the_last_attempt_it_is_dead(self, sink, notice):
        sink.mode = "busy"
        Notice.objects.filter(pk=notice.pk).update(attempts=delivery.MAX_ATTEMPTS - 1)
        assert deliver() == {"dead": 1}
        assert look(notice).state == State.DEAD

    def test_one_that_killed_its_workers_is_given_up(self, sink, notice):
        Notice.objects.filter(pk=notice.pk).update(attempts=delivery.MAX_ATTEMPTS)
        assert deliver() == {}
        assert look(notice).state == State.DEAD

    def test_one_that_cannot_be_put_into_words_does_not_stop_the_others(self, sink, notice, cast, at, caplog):
        other = told(cast, notice.complaint, at, "two")
        Notice.objects.filter(pk=notice.pk).update(event="no_such_event")
        assert deliver() == {"put off": 1, "sent": 1}
        assert look(other).state == State.SENT
        assert "cannot be put into words" in caplog.text

    def test_a_dead_server_is_asked_three_times_not_once_for_every_row(self, sink, notice, cast, at):
        for number in range(9):
            told(cast, notice.complaint, at, f"more{number}")
        sink.mode = "refuse"
        assert deliver() == {"put off": 3, "untried": 7}
        assert sink.sessions == 3
        rows = Notice.objects.order_by("id").values_list("attempts", flat=True)
        assert list(rows) == [1] * 3 + [0] * 7
        assert set(Notice.objects.values_list("state", flat=True)) == {State.QUEUED}


class TestUnknownOutcome:
    @pytest.mark.parametrize("mode", ["drop", "silent"])
    def test_mail_is_sent_again_with_the_same_message_id(self, sink, notice, mode, settings):
        settings.EMAIL_TIMEOUT = 0.5
        sink.mode = mode
        assert deliver() == {"put off": 1}
        sink.mode = "ok"
        ready_again(notice)
        assert deliver() == {"sent": 1}
        first, second = sink.messages
        assert first["Message-ID"] == second["Message-ID"]

    def test_a_channel_without_identity_is_parked_for_a_person(self, sink, notice, monkeypatch, cast, at):
        monkeypatch.setitem(delivery.ON_UNKNOWN, Notice.Channel.EMAIL, State.UNCONFIRMED)
        sink.mode = "drop"
        assert deliver() == {"unconfirmed": 1}
        assert look(notice).state == State.UNCONFIRMED
        sink.mode = "ok"
        assert deliver() == {}
        retrying.retry(notice.pk, actor=Actor.staff(cast.supervisor), at=at)
        assert deliver() == {"sent": 1}

    def test_the_server_did_not_take_the_body_is_no_unknown_outcome(self, sink, notice):
        sink.mode = "busy"
        deliver()
        assert sink.bodies == []


class TestLeases:
    def claimed(self, notice, state, seconds) -> Notice:
        (row,) = delivery._claim()
        until = clock.now() + timedelta(seconds=seconds)
        Notice.objects.filter(pk=notice.pk).update(state=state, lease_until=until)
        row.refresh_from_db()
        return row

    def send(self, row) -> dict:
        mailer = outgoing.Mailer()
        try:
            return delivery._deliver_batch([row], mailer, lambda: None)
        finally:
            mailer.close()

    @pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
    def test_what_a_living_worker_holds_is_left_to_it(self, sink, notice, state):
        self.claimed(notice, state, seconds=30)
        assert deliver() == {}
        assert look(notice).state == state

    @pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
    def test_what_a_dead_worker_held_is_sent_by_another(self, sink, notice, state):
        self.claimed(notice, state, seconds=-1)
        assert deliver() == {"sent": 1}
        assert look(notice).attempts == 2

    def test_what_was_being_sent_is_parked_where_the_channel_says_so(self, sink, notice, monkeypatch):
        monkeypatch.setitem(delivery.ON_UNKNOWN, Notice.Channel.EMAIL, State.UNCONFIRMED)
        self.claimed(notice, State.SENDING, seconds=-1)
        assert deliver() == {}
        assert look(notice).state == State.UNCONFIRMED

    @pytest.mark.parametrize("seconds", [-1, 10])
    def test_a_lease_that_is_over_or_nearly_so_closes_the_gate(self, sink, notice, seconds):
        row = self.claimed(notice, State.CLAIMED, seconds=seconds)
        assert self.send(row) == {"skipped": 1}
        assert sink.bodies == []

    def test_a_lease_that_went_to_another_closes_the_gate(self, sink, notice):
        mine = self.claimed(notice, State.CLAIMED, seconds=-1)
        delivery.reap()
        self.claimed(notice, State.CLAIMED, seconds=60)
        assert self.send(mine) == {"skipped": 1}
        assert sink.bodies == []

    def test_once_the_server_said_yes_nobody_else_sends_it_whatever_the_lease(self, sink, notice):
        mine = self.claimed(notice, State.CLAIMED, seconds=60)
        gate.begin_sending(mine, {})
        Notice.objects.filter(pk=notice.pk).update(lease_until=clock.now() - MINUTE)
        delivery.reap()
        delivery._confirm(mine)
        assert look(notice).state == State.SENT
        assert deliver() == {}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestForReal:
    def test_two_workers_send_every_notice_once(self, sink, notice, cast, at):
        for number in range(60):
            told(cast, notice.complaint, at, f"more{number}")
        sent = []

        def work():
            sent.append(delivery.run(budget_seconds=30)["sent"])
            connection.close()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        ids = [message["Message-ID"] for message in sink.messages]
        assert len(ids) == len(set(ids)) == sum(sent) == 61
        assert set(Notice.objects.values_list("state", flat=True)) == {State.SENT}

    def test_a_database_session_lost_after_the_yes_does_not_send_it_twice(self, sink, notice, monkeypatch):
        end, lost = delivery._end, []

        def lose_once(row, state, error):
            if not lost:
                lost.append(True)
                raise OperationalError("server closed the connection unexpectedly")
            end(row, state, error)

        monkeypatch.setattr(delivery, "_end", lose_once)
        assert deliver() == {"sent": 1}
        assert deliver() == {}
        assert len(sink.bodies) == 1


class TestRetryByHand:
    def test_a_dead_one_goes_out_again_to_the_address_known_today(self, sink, notice, cast, at):
        sink.mode = "no_recipient"
        deliver()
        cast.handler.email = "li.min.new@desk.example"
        cast.handler.save(update_fields=["email"])
        sink.mode = "ok"
        retrying.retry(notice.pk, actor=Actor.staff(cast.supervisor), at=at)
        assert notice.complaint.events.get(kind="notice_retried").data["notice"] == notice.pk
        assert deliver() == {"sent": 1}
        assert sink.messages[0]["To"] == "li.min.new@desk.example"

    def test_one_that_did_not_fail_is_refused(self, notice, cast, at):
        with pytest.raises(NotAllowedNow):
            retrying.retry(notice.pk, actor=Actor.staff(cast.supervisor), at=at)
