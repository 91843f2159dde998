import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from complaints.choices import Status
from complaints.conversation import messages
from complaints.management.commands import verify_history
from complaints.models import Complaint, ComplaintEvent
from tests.cases import at_stage, logged
from tests.complaints.case.test_events import TABLE, around_the_triggers


def run(*references) -> tuple[str, str]:
    """Returns what is printed, and what is complained about."""
    out, errors = io.StringIO(), io.StringIO()
    try:
        call_command("verify_history", *references, stdout=out, stderr=errors)
    except CommandError as error:
        errors.write(str(error))
    return out.getvalue(), errors.getvalue()


def test_an_untouched_history_is_said_to_be_so_with_its_size(cast, at):
    for status in (Status.RECEIVED, Status.ARCHIVED):
        at_stage(cast, status, at)
    out, errors = run()
    assert f"2 complaints with {ComplaintEvent.objects.count()} events checked." in out
    assert "Nothing was changed." in out
    assert errors == ""


def test_an_empty_desk_is_unbroken(db):
    assert "0 complaints with 0 events checked." in run()[0]


def test_a_changed_row_is_named_with_its_complaint_and_fails_the_command(cast, at):
    good, bad = logged(cast, at), at_stage(cast, Status.ASSIGNED, at)
    around_the_triggers(f"UPDATE {TABLE} SET kind = 'taken' WHERE complaint_id = %s AND number = 2", bad.pk)
    out, errors = run()
    assert f"{bad.reference}: event 2 (taken) was changed" in errors
    assert good.reference not in errors
    assert "The history was changed in 1 places." in errors
    assert "Nothing was changed" not in out
    with pytest.raises(CommandError):
        call_command("verify_history", stdout=io.StringIO(), stderr=io.StringIO())


def test_a_removed_tail_is_found(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    last = complaint.events.order_by("number").last()
    around_the_triggers(f"DELETE FROM {TABLE} WHERE id = %s", last.pk)
    assert f"{complaint.reference}: the end of the history was changed" in run()[1]


def test_a_complaint_that_was_removed_with_its_history_is_missed(cast, at):
    logged(cast, at)
    gone = logged(cast, at)
    logged(cast, at)
    tables = [relation.related_model._meta.db_table for relation in Complaint._meta.related_objects]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in [*tables, "complaints_complaint"]:
        column = "id" if table == "complaints_complaint" else "complaint_id"
        if table != "complaints_complaint" or column == "id":
            around_the_triggers(f"DELETE FROM {table} WHERE {column} = %s", gone.pk)
    assert run()[1].startswith(f"{gone.reference}: the whole complaint is missing")


def test_only_the_named_complaints_are_checked(cast, at):
    good, bad = logged(cast, at), logged(cast, at)
    around_the_triggers(f"UPDATE {TABLE} SET kind = 'taken' WHERE complaint_id = %s", bad.pk)
    assert run(good.reference)[1] == ""
    assert bad.reference in run(bad.reference)[1]
    assert "C-1999-000001: there is no such complaint" in run("C-1999-000001")[1]


def test_every_batch_is_checked(cast, at, monkeypatch):
    monkeypatch.setattr(verify_history, "BATCH", 2)
    complaints = [logged(cast, at) for _number in range(5)]
    around_the_triggers(f"UPDATE {TABLE} SET kind = 'taken' WHERE complaint_id = %s", complaints[4].pk)
    out, errors = run()
    assert "5 complaints" in out
    assert complaints[4].reference in errors


def test_work_between_the_two_reads_is_no_fault(cast, at, monkeypatch):
    complaint = logged(cast, at)
    stale = Complaint.objects.get(pk=complaint.pk)
    messages.customer_says(complaint.pk, body="Hello", at=at)
    monkeypatch.setattr(Complaint.objects, "only", lambda *names: Stale(stale))
    assert verify_history.verify([complaint.pk])[1] == []


class Stale:
    """The complaint as it was before the last event."""

    def __init__(self, complaint):
        self.complaint = complaint

    def in_bulk(self, ids):
        return {self.complaint.pk: self.complaint}
