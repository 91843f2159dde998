from types import SimpleNamespace

import pytest
from django.db import DatabaseError

from config.beat import HeartbeatScheduler
from config.celery import app
from followups.models import Heartbeat


@pytest.fixture
def scheduler():
    return HeartbeatScheduler(app, lazy=True)


def test_celery_uses_this_scheduler_and_our_logging(settings):
    assert app.conf.beat_scheduler == "config.beat.HeartbeatScheduler"
    assert app.conf.task_ignore_result is True


def test_nothing_that_lost_promises_in_the_prototype_is_configured(settings):
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert "expires" not in entry.get("options", {})
    assert app.conf.result_backend is None


def test_the_heartbeat_is_a_row_with_the_databases_clock(scheduler, db):
    scheduler.beat()
    scheduler.beat()
    assert Heartbeat.objects.filter(name="beat").count() == 1


def test_a_tick_beats_at_most_every_two_seconds_and_never_sleeps_longer(scheduler, db, monkeypatch):
    beats = []
    monkeypatch.setattr(scheduler, "beat", lambda: beats.append(True))
    monkeypatch.setattr("config.beat.time", SimpleNamespace(monotonic=lambda: 1000.0))
    monkeypatch.setattr("celery.beat.Scheduler.tick", lambda self, *args, **kwargs: 300)
    waits = [scheduler.tick() for _ in range(5)]
    assert waits == [2.0] * 5
    assert len(beats) == 1
    scheduler.beaten_at -= 2.0
    scheduler.tick()
    assert len(beats) == 2


def test_a_lost_database_does_not_stop_beat(scheduler, db, monkeypatch, caplog):
    def refuse(name):
        raise DatabaseError("gone")

    closed = []
    monkeypatch.setattr("followups.engine.heartbeat.beat", refuse)
    monkeypatch.setattr("config.beat.connection", SimpleNamespace(close=lambda: closed.append(True)))
    scheduler.beat()
    assert "could not be written" in caplog.text
    assert closed == [True]
