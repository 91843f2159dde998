"""Whether a database was prepared by exactly this code."""

import os

import pytest
from django.db import connection

from local import prepared
from local.prepared import Prepared


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with one migration and its packages installed, and a database that says that it was applied."""
    (tmp_path / "desk" / "migrations").mkdir(parents=True)
    (tmp_path / "desk" / "migrations" / "0001_first.py").write_text("operations = []")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").write_text("django")
    monkeypatch.setattr(prepared, "ROOT", tmp_path)
    monkeypatch.setattr(Prepared, "migrated", lambda self: "desk 0001_first today")
    return tmp_path


def test_what_a_start_prepared_is_known_to_the_next_and_nothing_before(checkout):
    assert not Prepared(checkout, {}).is_known()
    Prepared(checkout, {}).remember()
    assert Prepared(checkout, {}).is_known()


@pytest.mark.parametrize(
    "change",
    [
        lambda place: (place / "desk" / "migrations" / "0002_second.py").write_text("operations = []"),
        lambda place: (place / "desk" / "migrations" / "0001_first.py").write_text("operations = [1]"),
        lambda place: (place / ".venv" / ".installed").write_text("django, newer"),
    ],
)
def test_other_migrations_or_packages_are_not_known(checkout, change):
    Prepared(checkout, {}).remember()
    change(checkout)
    assert not Prepared(checkout, {}).is_known()


@pytest.mark.parametrize("says", ["desk 0001_first last year", ""])
def test_another_database_is_not_known(checkout, monkeypatch, says):
    Prepared(checkout, {}).remember()
    monkeypatch.setattr(Prepared, "migrated", lambda self: says)
    assert not Prepared(checkout, {}).is_known()


def test_a_database_that_says_nothing_is_never_known(checkout, monkeypatch):
    monkeypatch.setattr(Prepared, "migrated", lambda self: "")
    Prepared(checkout, {}).remember()
    assert not Prepared(checkout, {}).is_known()


@pytest.mark.django_db
def test_the_database_says_what_was_migrated(tmp_path, monkeypatch):
    given = connection.settings_dict
    address = {"host": given["HOST"], "port": given["PORT"] or None, "user": given["USER"], "dbname": given["NAME"]}
    monkeypatch.setattr(prepared, "connection_parameters", lambda _read: address | {"password": given["PASSWORD"]})
    assert "complaints 0001_" in Prepared(tmp_path, os.environ).migrated()


def test_a_database_that_cannot_be_reached_says_nothing(tmp_path):
    nobody = {"DATABASE_URL": f"postgres://desk@/desk?host={tmp_path}"}
    assert Prepared(tmp_path, nobody).migrated() == ""
