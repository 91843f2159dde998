from datetime import timedelta

import pytest

from followups import clock
from followups.engine import backlog
from followups.models import Notice, Promise
from tests.cases import logged
from tests.followups.due import make_due


@pytest.fixture
def complaint(cast, at):
    return logged(cast, at)


def put(state: str, ago: timedelta, complaint) -> Notice:
    moment = clock.now() - ago
    return Notice.objects.create(
        key=f"{state}:{ago}", complaint=complaint, address="x@desk.example", event="escalated", state=state,
        created_at=moment, not_before=moment,
    )  # fmt: skip


def test_nothing_is_behind_in_an_empty_desk(db):
    assert backlog.read() == backlog.Backlog(0.0, 0, 0.0, 0)


def test_the_oldest_due_promise_counts_whatever_is_resting_paused_or_settled(complaint):
    Promise.objects.all().delete()
    rows = {"complaint": complaint, "kind": "visit", "made_at": complaint.received_at}
    future = clock.now() + timedelta(hours=1)
    promises = [Promise.objects.create(**rows, due_at=future) for _number in range(4)]
    make_due(*promises, ago=timedelta(minutes=5))
    resting, paused, kept, _due = promises
    Promise.objects.filter(pk=resting.pk).update(not_before=future)
    Promise.objects.filter(pk=paused.pk).update(paused_since=clock.now() - timedelta(hours=1))
    Promise.objects.filter(pk=kept.pk).update(state="kept", kept_at=clock.now(), settled_at=clock.now())
    assert backlog.read().oldest_overdue_s == 300
    Promise.objects.filter(pk=promises[3].pk).update(due_at=future)
    assert backlog.read().oldest_overdue_s == 0


def test_the_outbox_counts_what_is_ready_and_the_dead_what_failed(complaint, monkeypatch):
    Notice.objects.all().delete()
    put("queued", timedelta(seconds=90), complaint)
    put("queued", timedelta(seconds=20), complaint)
    put("queued", -timedelta(hours=1), complaint)
    put("sent", timedelta(hours=5), complaint)
    put("dead", timedelta(hours=5), complaint)
    put("unconfirmed", timedelta(hours=5), complaint)
    found = backlog.read()
    assert (found.outbox_ready, found.dead_letters) == (2, 2)
    assert found.outbox_oldest_s == 90
    monkeypatch.setattr(backlog, "MOST_COUNTED", 1)
    assert (backlog.read().outbox_ready, backlog.read().dead_letters) == (1, 1)
