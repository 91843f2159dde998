"""The audit finds what it looks for: one fault at a time is planted in a desk in which all was well."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from complaints.case import events
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.models import Complaint
from followups import clock
from followups.engine import sweep
from followups.models import Escalation, Notice, Promise
from followups.promises import duties
from tests.chaos import audit, poison
from tests.chaos.sink import Sink, Taken
from tests.followups.due import due_visit

pytestmark = pytest.mark.django_db
HOST = "127.0.0.1"
# The test server keeps no commit times, so that of every row is the moment that a test names.
COMMITTED_AT = """
CREATE FUNCTION chaos.pg_xact_commit_timestamp(xid) RETURNS timestamptz LANGUAGE sql AS
    $$ SELECT current_setting('chaos.committed_at')::timestamptz $$;
SET LOCAL search_path = chaos, public, pg_catalog;
"""


def committed_at(moment):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('chaos.committed_at', %s, true)", [moment.isoformat()])


@pytest.fixture
def promise(cast):
    """One promise of three that were broken as they should be."""
    now = clock.now()
    broken = [due_visit(cast, now) for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(poison.CREATE)
        cursor.execute(COMMITTED_AT)
    sweep.enforce_batch()
    committed_at(broken[0].due_at + timedelta(seconds=7))
    broken[0].refresh_from_db()
    return broken[0]


def faults(count=3) -> dict:
    read = audit.read_promises(connection, count)
    return {name: value for name, value in read.items() if value and name not in ("p50_s", "p99_s", "max_s", "states")}


def sick(promise: Promise):
    with connection.cursor() as cursor:
        cursor.execute(poison.POISON, [[promise.pk], True])


def test_a_desk_in_which_all_was_well_passes(promise):
    assert faults() == {}
    assert audit.read_promises(connection, 3)["max_s"] > 6


def test_a_promise_that_is_gone_or_still_open_is_lost(promise):
    assert faults(count=4) == {"lost": 1}
    Promise.objects.filter(pk=promise.pk).update(state="open")
    # It has effects as well, which an open promise must not have.
    assert faults() == {"lost": 1, "doubled": 1}


def test_a_promise_broken_without_escalation_is_lost(promise):
    Notice.objects.filter(event="escalated").delete()
    Escalation.objects.filter(promise=promise).delete()
    assert faults()["lost"] == 1


def test_a_second_event_of_the_same_promise_is_doubled(promise):
    complaint = Complaint.objects.get(pk=promise.complaint_id)
    events.record(complaint, EventKind.PROMISE_BROKEN, actor=SYSTEM, at=clock.now(), data=promise.said())
    assert faults() == {"doubled": 1}


def test_a_second_move_in_the_same_cycle_is_doubled(promise):
    complaint = Complaint.objects.get(pk=promise.complaint_id)
    for _ in range(2):
        data = promise.said() | {"cycle": 1, "from": promise.due_at.isoformat(), "reason": "Later"}
        events.record(complaint, EventKind.PROMISE_MOVED, actor=SYSTEM, at=clock.now(), data=data)
    assert faults() == {"doubled": 1}


def test_what_was_committed_before_it_was_due_is_early(promise):
    committed_at(promise.due_at - timedelta(microseconds=1))
    assert faults()["early"] >= 1


def test_a_notice_that_was_not_written_is_missing(promise):
    Notice.objects.filter(key=f"promise:{promise.pk}:1:broken:customer").delete()
    assert faults() == {"notices_missing": 1}


def test_an_event_that_the_case_does_not_know_of_breaks_the_history(promise):
    Complaint.objects.filter(pk=promise.complaint_id).update(event_count=1)
    assert faults() == {"history_broken": 1}


def test_a_poisoned_promise_that_broke_is_astray(promise):
    sick(promise)
    assert faults() == {"poison_astray": 1}


@pytest.mark.parametrize(
    ("state", "failures", "astray"), [("open", 1, False), ("open", 0, True), ("withdrawn", 0, False)]
)
def test_a_poisoned_promise_waits_with_its_reason_unless_somebody_ended_it(promise, state, failures, astray):
    other = Promise.objects.create(
        complaint=promise.complaint,
        kind=promise.kind,
        made_at=promise.made_at,
        due_at=promise.due_at,
        explanation=promise.explanation,
        state=state,
        settled_at=clock.now() if state == "withdrawn" else None,
        failures=failures,
        last_error="poisoned",
        not_before=clock.now() + timedelta(minutes=1),
    )
    sick(other)
    assert faults(count=4) == ({"poison_astray": 1} if astray else {})


def test_mails_are_matched_with_the_outbox(promise):
    sink = Sink()
    names = [audit.message_id(key, HOST) for key in Notice.objects.values_list("key", flat=True)]
    _missing, heard, unheard, *others = names
    sink.log = [Taken(name, at=1.0, heard_at=1.1) for name in [heard, unheard, *others]]
    sink.log += [Taken(heard, at=2.0, heard_at=2.1), Taken("<stranger@x>", at=1.0, heard_at=1.1)]
    sink.log.insert(0, Taken(unheard, at=0.5))
    read = audit.read_mails(connection, sink, HOST)
    counted = ("mails_missing", "mails_unknown", "mails_doubled", "mails_doubled_unexplained", "unfinished")
    assert [read[name] for name in counted] == [1, 1, 2, 1, len(names)]


@pytest.mark.parametrize(("told", "deceived"), [("keep", 1), ("withdraw", 1), ("move", 1)])
def test_who_was_told_of_a_deed_that_is_not_there_was_deceived(promise, tmp_path, told, deceived):
    log = tmp_path / "people.jsonl"
    log.write_text(json.dumps({"verb": told, "promise": promise.pk, "result": "done"}), encoding="utf-8")
    assert audit.read_people(connection, log)["people_deceived"] == deceived
    log.write_text(json.dumps({"verb": told, "promise": promise.pk, "result": "refused"}), encoding="utf-8")
    assert audit.read_people(connection, log)["people_deceived"] == 0


def test_a_case_without_a_duty_is_found_and_the_desk_finds_the_same(promise):
    case = Complaint.objects.get(pk=promise.complaint_id)
    case.promises.filter(state="open").update(state="withdrawn", settled_at=clock.now())
    assert faults() == {}, "somebody still has to sign"
    case.escalations.update(signed_at=clock.now())
    assert faults() == {"orphans": 1}
    assert [orphan.reference for orphan in duties.audit()] == [case.reference]


def test_something_to_say_and_no_call_with_a_date_is_found(promise):
    notice = Notice.objects.filter(complaint=promise.complaint_id, to_customer=True).first()
    Notice.objects.filter(pk=notice.pk).update(state="to_say", channel="call")
    assert faults() == {"orphans": 1}
