import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from followups import clock, tasks
from followups.delivery import delivery
from followups.engine import heartbeat, loop, sweep
from followups.management.commands.guard import Watch
from followups.models import Heartbeat, Notice, Promise
from tests.cases import logged
from tests.followups.due import make_due

# Seconds after which something was not just done, on the slowest machine.
MOMENTS_AGO_S = 60


@pytest.fixture
def due(cast, now):
    complaint = logged(cast, now)
    promise = complaint.promises.get(kind="resolution")
    make_due(promise)
    return promise


@pytest.fixture
def beaten(monkeypatch):
    """beaten(2.4): the workers' last heartbeat was so many seconds ago, however long the test takes; None: never."""
    return lambda seconds: monkeypatch.setattr(heartbeat, "age", lambda name: seconds)


def state_of(promise) -> str:
    return Promise.objects.values_list("state", flat=True).get(pk=promise.pk)


class TestTasks:
    def test_the_sweep_breaks_and_beats(self, due):
        tasks.sweep()
        assert state_of(due) == "broken"
        assert heartbeat.age("sweep") < MOMENTS_AGO_S

    def test_the_delivery_sends_and_beats(self, due, mailoutbox):
        tasks.deliver()
        assert [message.to for message in mailoutbox] == [["wang@customer.example"]]
        assert heartbeat.age("deliver") < MOMENTS_AGO_S
        assert heartbeat.age("sweep") is None

    def test_the_sweep_has_a_queue_of_its_own_and_nothing_expires(self):
        assert settings.CELERY_TASK_ROUTES[tasks.sweep.name] == {"queue": "sweep"}
        assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} >= {
            tasks.sweep.name,
            tasks.deliver.name,
        }


class TestEnforce:
    def test_once_does_what_is_due_and_says_so(self, due):
        for broken in (1, 0):
            out = StringIO()
            call_command("enforce", "--once", stdout=out)
            assert out.getvalue() == (
                f"0 replies sent, {broken} broken, 0 warned, 0 escalations climbed, 0 looked at for being stuck\n"
            )
        assert state_of(due) == "broken"
        assert heartbeat.age("sweep") < MOMENTS_AGO_S

    def test_without_once_it_goes_on_until_it_is_stopped(self, due, monkeypatch):
        rounds = []
        monkeypatch.setattr(loop, "stop_on_signals", threading.Event)
        monkeypatch.setattr(loop, "every_second", lambda work, stop: rounds.extend([work(), work()]))
        out = StringIO()
        call_command("enforce", stdout=out)
        assert len(rounds) == 2
        assert (
            out.getvalue()
            == "0 replies sent, 1 broken, 0 warned, 0 escalations climbed, 0 looked at for being stuck\n"
        )


class TestWatch:
    def test_it_does_nothing_while_the_workers_do_it(self, due, beaten, caplog):
        beaten(2.4)
        Watch("sweep", sweep.run)()
        assert state_of(due) == "open"
        assert caplog.text == ""

    @pytest.mark.parametrize("seconds", [2.6, None])
    def test_it_takes_over_when_they_are_gone_and_never_beats_for_them(self, due, seconds, beaten, caplog):
        beaten(seconds)
        watch = Watch("sweep", sweep.run)
        watch()
        watch()
        assert state_of(due) == "broken"
        assert caplog.text.count("takes over") == 1
        assert not Heartbeat.objects.exists()

    def test_it_steps_back_when_they_are_there_again(self, due, beaten, caplog):
        caplog.set_level("INFO")
        beaten(None)
        watch = Watch("deliver", delivery.run)
        watch()
        assert Notice.objects.get(event="customer_acknowledged").state == "sent"
        beaten(0.1)
        watch()
        assert "by the workers again" in caplog.text


class TestLooping:
    def run(self, *rounds, monkeypatch):
        """Run one outcome after the other (an exception is raised), then stop."""
        stop, left = threading.Event(), list(rounds)
        monkeypatch.setattr(loop, "EVERY_S", 0)
        monkeypatch.setattr(loop, "connection", type("Closed", (), {"close": staticmethod(lambda: None)}))

        def work():
            outcome = left.pop(0)
            if not left:
                stop.set()
            if outcome is not None:
                raise outcome

        loop.every_second(work, stop)
        assert not left

    def test_a_lost_database_is_tried_again_and_told_once(self, monkeypatch, caplog):
        caplog.set_level("INFO")
        lost = OperationalError("gone")
        self.run(lost, lost, None, monkeypatch=monkeypatch)
        assert caplog.text.count("does not answer") == 1
        assert "is back" in caplog.text

    def test_a_bad_round_does_not_end_it(self, monkeypatch, caplog):
        self.run(ValueError("odd"), None, monkeypatch=monkeypatch)
        assert "This round failed" in caplog.text

    def test_signals_end_it(self):
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            stop = loop.stop_on_signals()
            os.kill(os.getpid(), signal.SIGTERM)
            assert stop.wait(MOMENTS_AGO_S)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def guard_process(tmp_path):
    """`manage.py guard` as its own process on the test's database, with no Redis to talk to."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": f"file://{tmp_path / 'mail'}",
    }
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "guard"]
    log = (tmp_path / "guard.log").open("w")
    process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


def eventually(check, seconds=120):
    ends = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_guard_alone_breaks_and_mails_survives_lost_sessions_and_stops_when_told(due, cast, tmp_path):
    with guard_process(tmp_path) as guard:
        eventually(lambda: state_of(due) == "broken")
        eventually(lambda: not Notice.objects.filter(state="queued", to_customer=True).exists())
        assert list((tmp_path / "mail").iterdir())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        again = logged(cast, clock.now(), name="Another", phone="139 0000 9999").promises.get(kind="resolution")
        make_due(again)
        eventually(lambda: state_of(again) == "broken")
        assert heartbeat.age("guard") < MOMENTS_AGO_S
        assert heartbeat.age("sweep") is None
        guard.send_signal(signal.SIGTERM)
        assert guard.wait(60) == 0
    said = (tmp_path / "guard.log").read_text()
    assert "takes over" in said
    assert "The guard has stopped" in said
