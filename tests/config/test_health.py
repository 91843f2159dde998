import pytest
import redis
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder

from config import health


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
    }
    assert all(0.5 <= age <= 30 for age in ages)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["sweep", "deliver", "beat"])
def test_a_heartbeat_older_than_45_seconds_turns_it_red(client, beating, name):
    beating(name, 44)
    assert client.get("/readyz").status_code == 200
    beating(name, 46)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()[name] == "late"


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
    }
    assert "db.internal.example" in caplog.text


def test_applied_migrations_are_looked_up_once(client, beating, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(1):
        client.get("/readyz")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(client, db, path):
    assert client.post(path).status_code == 405
