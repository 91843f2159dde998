"""What events may say. That the code says nothing else, every other test shows: all run with CHECK_PAYLOADS."""

import pytest

from complaints.apps import every_event_can_be_told
from complaints.case import payload_registry
from complaints.case.actors import SYSTEM
from complaints.case.event_kinds import EventKind
from complaints.case.events import record
from complaints.case.payload_registry import UnknownPayload, refuse_unknown
from tests.cases import logged


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (EventKind.NOTE_ADDED, {}, "missing: message"),
        (EventKind.NOTE_ADDED, {"message": "7"}, "of another type: message"),
        (EventKind.NOTE_ADDED, {"message": True}, "of another type: message"),
        (EventKind.NOTE_ADDED, {"message": 7, "colour": "red"}, "unknown: colour"),
        (EventKind.WAITING_BEGAN, {"since": "now"}, "unknown: since"),
        (EventKind.TAKEN, {"handler": 1, "to": "assigned"}, "missing: from"),
        (EventKind.PROMISE_BROKEN, {"promise": 1}, "missing: cycle, due_at, kind, words"),
    ],
)
def test_what_a_kind_does_not_say_is_refused_by_name(kind, data, said):
    with pytest.raises(UnknownPayload, match=said):
        refuse_unknown(kind, data)


def test_what_may_be_left_out_may_be_null_or_not_as_it_is_written():
    refuse_unknown(EventKind.CUSTOMER_REPLIED, {"message": 7})
    refuse_unknown(EventKind.NOTICE_DROPPED, {"notice": 1, "event": "ack", "why": "over", "to": None})
    with pytest.raises(UnknownPayload, match="of another type: reminder"):
        refuse_unknown(EventKind.CUSTOMER_REPLIED, {"message": 7, "reminder": None})


def test_only_tests_and_developers_hear_of_it(cast, at, settings, db):
    complaint = logged(cast, at)
    with pytest.raises(UnknownPayload):
        record(complaint, EventKind.WAITING_BEGAN, actor=SYSTEM, at=at, data={"colour": "red"})
    settings.CHECK_PAYLOADS = False
    assert (
        record(complaint, EventKind.WAITING_BEGAN, actor=SYSTEM, at=at, data={"colour": "red"}).data["colour"] == "red"
    )


def test_a_kind_that_nobody_described_fails_the_system_check(monkeypatch):
    monkeypatch.delitem(payload_registry._payloads, EventKind.TOLD)
    (fault,) = every_event_can_be_told(None)
    assert "told" in fault.msg
    assert fault.id == "complaints.E002"
