"""Two database roles: what the application's may do is tried as that role, in a database of its own."""

import contextlib
import io
import secrets

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from config import owner

APPEND_ONLY = django_settings.APPEND_ONLY_TABLES


@pytest.fixture
def role(db):
    """A fresh role of the server; what it was granted is undone with the test's transaction, then it is dropped."""
    name = f"desk_test_{secrets.token_hex(4)}"
    owner.make_role(name, "a 'quoted' password")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {name}")
        cursor.execute(f"DROP ROLE {name}")


@contextlib.contextmanager
def acting_as(name: str):
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {name}")
        try:
            yield cursor
        finally:
            cursor.execute("RESET ROLE")


def refused(cursor, statement: str) -> bool:
    cursor.execute("SAVEPOINT attempt")
    try:
        cursor.execute(statement)
    except Exception as error:
        cursor.execute("ROLLBACK TO SAVEPOINT attempt")
        return "permission denied" in str(error) or "must be owner" in str(error)
    return False


def test_the_role_is_made_once_and_may_nothing_but_sign_in(role):
    assert owner.make_role(role, "") is False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s", [role]
        )
        assert cursor.fetchone() == (True, False, False, False)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_application_adds_to_the_history_and_never_changes_it(role, table):
    owner.grant_to(role, APPEND_ONLY)
    with acting_as(role) as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        for statement in (
            f"UPDATE {table} SET id = id",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TABLE {table}",
            "SET session_replication_role = replica",
            "CREATE TABLE mine (id int)",
        ):
            assert refused(cursor, statement), statement
        cursor.execute(
            "SELECT has_table_privilege(%s, 'INSERT'), has_table_privilege('accounts_person', 'UPDATE')", [table]
        )
        assert cursor.fetchone() == (True, True)
        assert owner.may_change(APPEND_ONLY) == []


def test_rights_given_by_mistake_are_taken_back_by_the_next_preparation(role):
    owner.grant_to(role, [])
    with acting_as(role):
        assert owner.may_change(APPEND_ONLY) == APPEND_ONLY
    owner.grant_to(role, APPEND_ONLY)
    with acting_as(role):
        assert owner.may_change(APPEND_ONLY) == []


def test_the_owner_could_change_everything(db):
    assert owner.may_change([*APPEND_ONLY, "no_such_table"]) == APPEND_ONLY


def test_prepare_database_says_when_only_triggers_protect_the_history(db, settings):
    settings.DATABASE_OWNER = None
    stderr = io.StringIO()
    call_command("prepare_database", verbosity=0, stderr=stderr)
    assert "protected by triggers only" in stderr.getvalue()


def test_prepare_database_says_why_the_database_does_not_answer(db, settings, monkeypatch):
    from django.db import OperationalError

    def refuse(tables):
        raise OperationalError('connection to "nowhere" failed')

    monkeypatch.setattr(owner, "may_change", refuse)
    settings.DATABASE_OWNER = None
    monkeypatch.setattr("config.management.commands.prepare_database.call_command", lambda *a, **k: refuse([]))
    with pytest.raises(CommandError, match="could not be prepared: connection to"):
        call_command("prepare_database", verbosity=0)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_prepare_database_makes_a_role_that_signs_in_with_its_password(settings):
    """The whole command, over connections of its own, as in production."""
    name = f"desk_test_{secrets.token_hex(4)}"
    before = connection.settings_dict
    settings.DATABASE_OWNER = dict(before)
    application = {**before, "USER": name, "PASSWORD": "pä'ss"}
    connection.close()
    connection.settings_dict = application
    try:
        output = io.StringIO()
        call_command("prepare_database", verbosity=1, stdout=output, stderr=output)
        assert f"Created the role {name}." in output.getvalue()
        assert "triggers only" not in output.getvalue()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == (name,)
    finally:
        connection.close()
        connection.settings_dict = before
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {name}")
            cursor.execute(f"DROP ROLE {name}")


def test_a_socket_address_reaches_the_driver():
    parameters = connection.get_connection_params()
    with contextlib.closing(psycopg2.connect(**{**parameters, "dbname": "postgres"})) as raw:
        assert raw.info.dbname == "postgres"
