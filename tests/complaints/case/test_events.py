import itertools
import os
from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from complaints.case import events
from complaints.case.actors import CUSTOMER, SYSTEM, Actor
from complaints.case.event_kinds import EventKind
from complaints.case.events import broken_links, events_recorded, record
from complaints.choices import Status
from complaints.conversation import messages
from complaints.models import Complaint, ComplaintEvent
from tests.cases import at_stage, logged

TABLE = ComplaintEvent._meta.db_table


def faults(complaint) -> list[str]:
    complaint = Complaint.objects.get(pk=complaint.pk)
    return list(broken_links(complaint, list(complaint.events.order_by("number"))))


def around_the_triggers(sql: str, *values):
    """What somebody with the owner's password and bad intentions would do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, Status.ARCHIVED, at)


# The chain


def test_a_history_by_the_book_is_unbroken_and_numbered_without_gaps(complaint):
    history = list(complaint.events.order_by("number"))
    assert [event.number for event in history] == list(range(1, len(history) + 1))
    assert history[0].previous_hash == ""
    assert all(later.previous_hash == earlier.hash for earlier, later in itertools.pairwise(history))
    assert len({event.hash for event in history}) == len(history)
    assert faults(complaint) == []


def test_the_complaint_knows_its_last_event(complaint):
    complaint.refresh_from_db()
    last = complaint.events.order_by("number").last()
    assert (complaint.event_count, complaint.last_event_hash) == (last.number, last.hash)


def test_what_is_stored_hashes_as_what_was_written_even_in_other_scripts_and_zones(cast, at, settings):
    settings.CHECK_PAYLOADS = False
    complaint = logged(cast, at)
    said = {"words": '油枪 “4号” 😀 \\ " é', "nested": {"b": [1, None, True], "a": ""}, "large": 2**60}
    moment = at.astimezone().replace(microsecond=7)
    with transaction.atomic():
        record(Complaint.objects.get(pk=complaint.pk), "verification_saved", actor=CUSTOMER, at=moment, data=said)
    assert faults(complaint) == []


def test_what_the_desk_does_itself_does_not_make_a_persons_form_stale(cast, at):
    complaint = logged(cast, at)
    version = complaint.version
    with transaction.atomic():
        record(complaint, EventKind.WAITING_BEGAN, actor=SYSTEM, at=at)
        assert complaint.version == version
        record(complaint, EventKind.WAITING_ENDED, actor=Actor.staff(cast.handler), at=at)
        assert complaint.version == version + 1


def test_listeners_hear_of_an_event_in_its_own_transaction(cast, at):
    heard = []

    def listen(sender, events, **kwargs):
        heard.extend((event.kind, transaction.get_connection().in_atomic_block) for event in events)

    events_recorded.connect(listen)
    try:
        logged(cast, at)
    finally:
        events_recorded.disconnect(listen)
    assert ("logged", True) in heard


def test_a_listener_that_fails_takes_the_event_with_it(cast, at):
    complaint = logged(cast, at)

    def fail(sender, events, **kwargs):
        raise RuntimeError

    events_recorded.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            messages.customer_says(complaint.pk, body="Hello", at=at)
    finally:
        events_recorded.disconnect(fail)
    assert not complaint.messages.exists()
    assert faults(complaint) == []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_outside_a_transaction_nothing_is_recorded(cast, at):
    complaint = logged(cast, at)
    with pytest.raises(transaction.TransactionManagementError):
        record(complaint, "note_added", actor=CUSTOMER, at=at)


# The database refuses


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(kind="nothing"),
        lambda rows: rows.update(data={}),
        lambda rows: rows.filter(number=1).update(hash="0" * 64),
        lambda rows: rows.all().delete(),
        lambda rows: rows.filter(number=1).delete(),
        lambda rows: rows.get(number=1).delete(),
        lambda rows: connection.cursor().execute(f"UPDATE {TABLE} SET at = now()"),
        lambda rows: connection.cursor().execute(f"DELETE FROM {TABLE}"),
        lambda rows: connection.cursor().execute(f"TRUNCATE {TABLE} CASCADE"),
        lambda rows: connection.cursor().execute("TRUNCATE complaints_complaint CASCADE"),
    ],
)
def test_an_event_is_never_changed_nor_removed(complaint, change):
    before = list(complaint.events.order_by("number").values())
    with connection.cursor() as cursor:
        # Foreign keys that are checked at the end of the transaction would refuse TRUNCATE before us.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        change(complaint.events)
    assert list(complaint.events.order_by("number").values()) == before


def test_saving_an_event_again_is_refused(complaint):
    event = complaint.events.first()
    event.data = {"other": "words"}
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        event.save()


@pytest.fixture
def application(db):
    """The application's role as prepare_database makes it: it may add to the history, and read it."""
    role = f"app_of_test_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} NOSUPERUSER")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    return role


@pytest.mark.parametrize(
    "sql",
    [
        f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL",
        f"ALTER TABLE {TABLE} DISABLE TRIGGER complaintevent_no_change",
        f"DROP TRIGGER complaintevent_no_change ON {TABLE}",
        "DROP FUNCTION complaints_refuse_history_change() CASCADE",
        "CREATE OR REPLACE FUNCTION complaints_refuse_history_change() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NEW; END $$",
        "SET session_replication_role = replica",
        f"UPDATE {TABLE} SET kind = 'nothing'",
        f"DELETE FROM {TABLE}",
        f"TRUNCATE {TABLE}",
        f"DROP TABLE {TABLE} CASCADE",
        f"CREATE RULE quiet AS ON INSERT TO {TABLE} DO INSTEAD NOTHING",
    ],
)
def test_the_applications_role_cannot_go_around_the_protection(complaint, application, sql):
    count = complaint.events.count()
    refused = pytest.raises(DatabaseError, match=r"permission denied|must be owner|append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {application}; {sql}")
    assert complaint.events.count() == count
    assert faults(complaint) == []


def test_the_applications_role_can_add_to_the_history(cast, at, application):
    complaint = logged(cast, at)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {application}")
        messages.customer_says(complaint.pk, body="Hello", at=at)
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    assert faults(complaint) == []


# What went around it is found


CHANGES = {
    "kind": "UPDATE {t} SET kind = 'archived' WHERE complaint_id = %s AND number = 2",
    "data": """UPDATE {t} SET data = data || '{{"to": "x"}}' WHERE complaint_id = %s AND number = 2""",
    "moment": "UPDATE {t} SET at = at - interval '1 microsecond' WHERE complaint_id = %s AND number = 2",
    "author": "UPDATE {t} SET actor_id = NULL WHERE complaint_id = %s AND kind = 'verified'",
    "kind of author": "UPDATE {t} SET actor_kind = 'system' WHERE complaint_id = %s AND kind = 'verified'",
    "visibility": "UPDATE {t} SET public = NOT public WHERE complaint_id = %s AND number = 2",
    "hash": "UPDATE {t} SET hash = repeat('0', 64) WHERE complaint_id = %s AND number = 2",
    "removed": "DELETE FROM {t} WHERE complaint_id = %s AND number = 2",
    "removed tail": """DELETE FROM {t} e WHERE complaint_id = %s
        AND number = (SELECT max(number) FROM {t} WHERE complaint_id = e.complaint_id)""",
    "removed wholly": "DELETE FROM {t} WHERE complaint_id = %s",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_the_past_is_found(complaint, what):
    around_the_triggers(CHANGES[what].format(t=TABLE), complaint.pk)
    assert faults(complaint)


def test_an_event_that_was_put_in_is_found(complaint, cast, at):
    forged = ComplaintEvent(
        complaint=complaint, number=complaint.events.count() + 1, kind="note_added", at=at, actor_kind="system"
    )
    forged.previous_hash = complaint.events.order_by("number").last().hash
    forged.hash = events.chain_hash(forged, complaint.reference)
    forged.save(force_insert=True)
    assert faults(complaint)


def test_an_event_moved_to_another_complaint_is_found(cast, at):
    one, other = logged(cast, at), logged(cast, at + timedelta(minutes=1))
    around_the_triggers(
        f"UPDATE {TABLE} SET complaint_id = CASE complaint_id WHEN %s THEN %s ELSE %s END, number = number + 1000",
        one.pk, other.pk, one.pk,
    )  # fmt: skip
    around_the_triggers(f"UPDATE {TABLE} SET number = number - 1000")
    assert faults(one)
    assert faults(other)


def test_a_change_and_its_new_hash_are_found_by_the_next_event(complaint):
    event = complaint.events.get(number=2)
    event.data = {"fields": ["nothing"]}
    around_the_triggers(
        f"UPDATE {TABLE} SET data = %s, hash = %s WHERE id = %s",
        '{"fields": ["nothing"]}', events.chain_hash(event, complaint.reference), event.pk,
    )  # fmt: skip
    assert faults(complaint) == ["event 3 does not follow from event 2"]
