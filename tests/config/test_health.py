from datetime import timedelta

import pytest
import redis
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder

from config import health
from followups.models import Promise
from tests.cases import logged
from tests.followups.due import make_due


@pytest.fixture(autouse=True)
def _nothing_known_yet(monkeypatch):
    monkeypatch.setattr(health, "_seen", {"all applied": False})


def test_the_process_answers_without_asking_anybody(client, django_assert_num_queries):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_a_working_engine_is_ready(client, beating):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    found = answer.json()
    ages = [found.pop(f"{name}_age_s") for name in health.HEARTBEATS]
    assert found == {
        "ready": True,
        "database": "ok",
        "redis": "ok",
        "migrations": "ok",
        "sweep": "ok",
        "deliver": "ok",
        "beat": "ok",
        "guard": "ok",
        "promises": "ok",
        "oldest_overdue_s": 0.0,
        "outbox_ready": 0,
        "outbox_oldest_s": 0.0,
        "dead_letters": 0,
    }
    assert set(ages) == {1}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", health.HEARTBEATS)
def test_a_heartbeat_older_than_45_seconds_turns_it_red(client, beating, name):
    beating(name, 44)
    assert client.get("/readyz").status_code == 200
    beating(name, 46)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()[name] == "late"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_load_balancer_may_ask_by_any_name_and_nobody_else(client, beating, path):
    assert client.get(path, headers={"host": "10.1.2.3:8000"}).status_code == 200
    answer = client.get("/c/", headers={"host": "10.1.2.3:8000"})
    assert answer.status_code == 400


def test_an_engine_that_never_ran_is_not_ready(client, db):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["sweep"] == "late"
    assert answer.json()["sweep_age_s"] is None


def test_a_migration_that_was_not_applied_turns_it_red(client, beating):
    MigrationRecorder.Migration.objects.filter(app="followups").order_by("-pk").first().delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "unapplied"


def test_a_dead_redis_turns_it_red_and_the_reason_stays_in_the_log(client, beating, monkeypatch, caplog):
    gone = redis.Redis.from_url("unix:///nowhere/secret-place.sock")
    monkeypatch.setattr(health, "redis_client", lambda: gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["redis"] == "down"
    assert answer.json()["database"] == "ok"
    assert b"secret-place" not in answer.content
    assert "Redis does not answer" in caplog.text


def test_a_dead_database_turns_it_red_and_is_not_explained_to_strangers(client, db, monkeypatch, caplog):
    def refuse():
        raise DatabaseError("no connection to db.internal.example")

    monkeypatch.setattr(health, "migrations_state", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "database": "down",
        "redis": "ok",
        "migrations": "unknown",
        "sweep": "unknown",
        "deliver": "unknown",
        "beat": "unknown",
        "guard": "unknown",
        "promises": "unknown",
    }
    assert "db.internal.example" in caplog.text


def test_applied_migrations_are_looked_up_once(client, beating, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(2):
        client.get("/readyz")


def test_a_promise_that_no_sweep_took_for_30_seconds_turns_it_red(client, beating, cast, now):
    promise = logged(cast, now).promises.get(kind="resolution")
    Promise.objects.exclude(pk=promise.pk).delete()
    make_due(promise, ago=timedelta(seconds=25))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["promises"]) == (200, "ok")
    assert answer.json()["oldest_overdue_s"] == 25
    make_due(promise, ago=timedelta(seconds=31))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["promises"]) == (503, "late")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(client, db, path):
    assert client.post(path).status_code == 405


STRANGERS = [
    {"REMOTE_ADDR": "203.0.113.9"},
    {"REMOTE_ADDR": "203.0.113.9", "headers": {"x-forwarded-for": "127.0.0.1"}},
    {"headers": {"x-forwarded-for": "203.0.113.9"}},
    {"headers": {"x-forwarded-for": "127.0.0.1"}},
    {"headers": {"forwarded": "for=127.0.0.1"}},
    {"headers": {"via": "1.1 proxy"}},
    {"REMOTE_ADDR": ""},
]


@pytest.mark.parametrize("hops", [0, 1])
@pytest.mark.parametrize("asked", STRANGERS)
def test_strangers_read_whether_it_is_ready_and_no_more(client, beating, settings, asked, hops):
    settings.PROXY_HOPS = hops
    assert client.get("/readyz", **asked).json() == {"ready": True}


def test_whoever_has_the_token_reads_the_rest_from_anywhere(client, beating, settings):
    settings.METRICS_TOKEN = "a-long-and-odd-token-for-tests"
    for sent, reads_more in ((settings.METRICS_TOKEN, True), ("wrong", False), ("", False)):
        answer = client.get("/readyz", REMOTE_ADDR="203.0.113.9", headers={"authorization": f"Bearer {sent}"})
        assert answer.json()["ready"] is True
        assert ("sweep_age_s" in answer.json()) is reads_more
