"""Fixtures for every test: the named cast, and a database whose history can be flushed between tests."""

import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from tests.cast import Cast, build_cast
from tests.stopped import stopped

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


def pytest_collection_modifyitems(items):
    """Browser tests need a browser: without one they are skipped by name, unless REQUIRE_BROWSER=1.

    What holds at the real moment may not hold at another: CI tries these tests at several (`make test-at`). There
    PostgreSQL's time-outs never end: inside the wait that one should end, libfaketime shows it the unmoved clock.
    """
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "now" in names and "at" not in names:
            item.add_marker("clock")
        if "FAKETIME" in os.environ and item.get_closest_marker("timeouts"):
            item.add_marker(pytest.mark.skip(reason="PostgreSQL ends no wait under faketime"))
        if not (CHROMIUM or os.environ.get("REQUIRE_BROWSER") == "1") and item.get_closest_marker("browser"):
            item.add_marker(
                pytest.mark.skip(reason="no Chromium on this machine (REQUIRE_BROWSER=1 makes this a failure)")
            )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Copy the test database from the migrated one that run.py made, where it did."""
    connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get("TEST_TEMPLATE")


@pytest.fixture(autouse=True, scope="session")
def _flush_may_empty_the_history():
    """The history refuses TRUNCATE, so flushing between transactional tests goes around the triggers.

    Only the owner (a superuser of the test server) can do that; the application's role cannot.
    """
    flush = DatabaseOperations.execute_sql_flush

    def execute_sql_flush(self, sql_list):
        around = [
            "SET session_replication_role = replica",
            *sql_list,
            "SET session_replication_role = DEFAULT",
        ]
        return flush(self, around if sql_list else sql_list)

    DatabaseOperations.execute_sql_flush = execute_sql_flush
    yield
    DatabaseOperations.execute_sql_flush = flush


@pytest.fixture(autouse=True)
def _quiet_outside(settings, tmp_path):
    """Every test has its own evidence folder, sends mail to a list and starts in English."""
    from django.utils import translation

    settings.MEDIA_ROOT = tmp_path / "evidence"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # Argon2 is slow on purpose; tests sign in by the hundred.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.LANGUAGE_CODE = "en"
    settings.CHECK_PAYLOADS = True
    with translation.override("en"):
        yield


@pytest.fixture
def at() -> Iterator[datetime]:
    """A Wednesday morning in working hours of Shanghai: 2026-11-18 10:00 there. All clocks stand still at it."""
    moment = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
    with stopped(moment):
        yield moment


@pytest.fixture
def now() -> Iterator[datetime]:
    """The real moment, whatever the day and the hour, at which all clocks stand still."""
    moment = datetime.now(UTC)
    with stopped(moment):
        yield moment


@pytest.fixture
def cast(db) -> Cast:
    return build_cast()


@pytest.fixture(autouse=True)
def _own_counts(settings, monkeypatch):
    """Tries are counted in Redis and in the cache, by address: every test counts from zero, and for no other."""
    from accounts import throttle

    ours, key = secrets.token_hex(), throttle.key_of
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["default"] | {"KEY_PREFIX": ours}}
    monkeypatch.setattr(throttle, "key_of", lambda what, who: f"{key(what, who)}:{ours}")


@pytest.fixture
def visitor() -> Client:
    """Somebody who is not signed in, at an address of their own: nobody else's tries are counted for them."""
    return Client(REMOTE_ADDR=".".join(["10", *(str(secrets.randbelow(256)) for _part in range(3))]))
