"""The history in words: every kind of event has a sentence."""

import pytest
from django.utils import translation

from complaints.apps import every_event_can_be_told
from complaints.case import timeline
from complaints.case.event_kinds import EventKind
from complaints.case.narrated import NarratedEvent
from complaints.case.timeline import actor_label, names_in, remark, sentence
from complaints.choices import Status
from complaints.models import ComplaintEvent
from followups import sentences
from followups.models import Notice, Telling
from followups.notices import appeal_rules, tellings
from followups.telling import records
from tests.cases import at_stage


def event(kind: str, /, **data) -> ComplaintEvent:
    return ComplaintEvent(kind=kind, data=data, actor_kind="system", number=1)


def told(kind: str, at, people=None, teams=None, /, **data) -> NarratedEvent:
    return NarratedEvent(event(kind, **data), at, people or {}, teams or {})


def test_a_kind_without_a_sentence_fails_the_system_check(monkeypatch):
    assert every_event_can_be_told(None) == []
    monkeypatch.delitem(timeline._sentences, EventKind.PROMISE_BROKEN)
    (fault,) = every_event_can_be_told(None)
    assert "promise_broken" in fault.msg


def test_every_key_of_ours_is_said_in_words():
    assert set(Notice.Dropped.values) == set(sentences.DROPPED_BECAUSE)
    assert set(Telling.Way.values) == set(sentences.TOLD_BY)
    spoken = {records.RESULT, records.UNDERSTOOD}
    assert set(tellings.ABOUT) | set(appeal_rules.ABOUT) | spoken == set(sentences.TOLD_ABOUT)


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_sentence_can_be_said_without_any_data(kind, at):
    words = sentence(told(kind, at))
    assert words
    assert "%(" not in words
    assert "None" not in words


def test_an_unknown_kind_is_still_readable(at):
    assert sentence(told("moon_landed", at)) == "Moon landed"


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("logged", {"channel": "phone"}, "Logged, channel: Phone"),
        ("assigned", {"team": 4, "handler": 7}, "Assigned to Li Min"),
        ("assigned", {"team": 4, "handler": None}, "Assigned to the queue of Hexi Road station"),
        ("assigned", {"team": 4, "handler": 99}, "Assigned"),
        ("reassigned", {"team": 4, "handler": 7}, "Reassigned to Li Min"),
        ("feedback_recorded", {"satisfied": True, "rating": 5}, "The customer is satisfied (5 of 5)"),
        ("feedback_recorded", {"unsatisfied": True, "rating": None}, "The customer is not satisfied"),
        ("feedback_recorded", {"solved": None}, "Went on without an answer of the customer"),
        ("closed_early", {"outcome": "withdrawn"}, "Closed early: Withdrawn by the customer"),
        (
            "closed_early",
            {"outcome": "duplicate", "original": "C-2026-000001"},
            "Closed early: duplicate of C-2026-000001",
        ),
        ("severity_changed", {"from": "normal", "to": "danger"}, "Severity changed from Normal to Danger"),
        ("category_changed", {"to": 5, "name": "Manners", "name_zh": "态度"}, "Category changed to Manners"),
        ("evidence_added", {"count": 1}, "1 file added"),
        ("evidence_added", {"count": 3}, "3 files added"),
        (
            "promise_moved",
            {"kind": "visit", "words": "", "due_at": "2026-11-20T06:55:00+00:00"},
            "Promise moved: Visit, now due Fri 20 Nov, 14:55",
        ),
        ("promise_broken", {"kind": "visit", "words": "A technician comes"}, "Promise broken: A technician comes"),
        (
            "promise_broken",
            {"kind": "visit", "again_due_at": "2026-11-20T06:55:00+00:00"},
            "Promise broken: Visit; the new date is Fri 20 Nov, 14:55",
        ),
        (
            "promise_reopened",
            {"kind": "resolution", "due_at": "2026-11-20T06:55:00+00:00"},
            "Promise open again: Result told to the customer, due Fri 20 Nov, 14:55",
        ),
        (
            "told",
            {"way": "email", "about": "customer_acknowledged"},
            "E-mail to the customer accepted by the mail server: We have your complaint",
        ),
        ("told", {"way": "phone", "about": "customer_result"}, "The customer was told by phone: The result"),
        ("told", {"way": "pigeon", "about": "weather"}, "The customer was told"),
        ("telling_failed", {"about": "customer_message"}, "The customer could not be told: News on your complaint"),
        (
            "telling_undone",
            {"about": "customer_message"},
            "It proved that the customer was not told: News on your complaint",
        ),
        ("untold", {"round": 1}, "The result did not arrive: the customer has still to be told"),
        ("escalated", {"reason": "untold"}, "Escalated: The customer could not be told"),
        ("escalated", {"reason": "bounced"}, "Escalated: Third hand-over"),
        ("callback_attempted", {"outcome": "no_answer"}, "Called back: no answer"),
        ("option_approved", {"amount": "500.00"}, "Solution approved, worth ¥500"),
        ("option_chosen", {"words": "186 yuan {back} %s"}, "Solution chosen by the customer: 186 yuan {back} %s"),
    ],
)
def test_sentences_say_what_happened(at, kind, data, expected):
    assert sentence(told(kind, at, {7: "Li Min"}, {4: "Hexi Road station"}, **data)) == expected


def test_the_reason_stands_beside_the_sentence():
    assert remark(event("reassigned", reason="On leave")) == "On leave"
    assert remark(event("verified", override_reason="No time", overridden=["place"])) == "No time"
    assert remark(event("option_chosen", words="186 yuan")) == "", "the sentence says it"
    assert remark(event("verified")) == ""
    asked = event("escalated", reason="manual", note="He wants the manager", tried="Called twice")
    assert remark(asked) == "He wants the manager\nCalled twice"
    assert remark(event("promise_withdrawn", because="closed")) == "The complaint was closed."
    assert remark(event("promise_withdrawn", because="answered")) == "The customer answered without a call."
    assert remark(event("telling_failed", why="550 no such user")) == "550 no such user"
    made = event("promise_moved", reason="A part is missing", confirmed=["hours", "record", "unheard of"])
    assert remark(made).splitlines() == [
        "A part is missing",
        "Confirmed, although it falls outside working hours.",
        "Confirmed, although the team usually takes longer.",
    ]


def test_whoever_did_it_is_named_in_the_active_language(cast):
    by_person = ComplaintEvent(kind="taken", actor_kind="person", actor=cast.handler)
    assert actor_label(by_person) == "Li Min"
    with translation.override("zh-hans"):
        assert actor_label(by_person) == "李敏"
    assert actor_label(event("promise_broken")) == "The desk"


def test_names_are_read_for_all_events_at_once(cast, at, django_assert_num_queries):
    events = list(at_stage(cast, Status.ARCHIVED, at).events.all())
    with django_assert_num_queries(2):
        people, teams = names_in(events)
    assert people == {cast.handler.pk: "Li Min"}
    assert teams == {cast.hexi.pk: "Hexi Road station"}
