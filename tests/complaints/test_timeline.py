"""The history in words: every kind of event that the code writes has a sentence."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from complaints.choices import Status
from complaints.conversation import EVENT_OF
from complaints.lifecycle import TRANSITIONS
from complaints.models import ComplaintEvent
from complaints.timeline import SENTENCES, Told, actor_label, names_in, remark, sentence
from tests.cases import at_stage

ROOT = Path(__file__).resolve().parents[2]
# record(complaint, "kind", …), build(complaint, "kind", …), and the like.
WRITTEN = re.compile(r'\b(?:record|build|_record|_event)\(\s*[\w.]+,\s*"([a-z_]+)"')
# kind, data = "promise_made", … and kind = "option_approved" if … else "option_declined"
CHOSEN = re.compile(r'\bkind(?:, data)? = "([a-z_]+)"')


def kinds_in_the_code() -> set[str]:
    files = [
        f for app in ("complaints", "followups") for f in (ROOT / app).rglob("*.py") if "migrations" not in f.parts
    ]
    found = {t.event for t in TRANSITIONS.values()} | set(EVENT_OF.values()) | {"imported"}
    for file in files:
        found |= set(WRITTEN.findall(file.read_text())) | set(CHOSEN.findall(file.read_text()))
    return found


def event(kind: str, /, **data) -> ComplaintEvent:
    return ComplaintEvent(kind=kind, data=data, actor_kind="system", number=1)


def told(kind: str, at, people=None, teams=None, /, **data) -> Told:
    return Told(event(kind, **data), at, people or {}, teams or {})


def test_every_kind_that_the_code_records_has_words():
    kinds = kinds_in_the_code()
    followups = {"promise_made", "promise_broken", "promise_kept", "escalated", "escalation_climbed"}
    assert {"logged", "verified", "option_withdrawn", "severity_changed", "evidence_added"} | followups <= kinds
    assert kinds - SENTENCES.keys() == set()


@pytest.mark.parametrize("kind", sorted(SENTENCES))
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
        ("escalated", {"reason": "bounced"}, "Escalated: Third hand-over"),
        ("callback_attempted", {"outcome": "no_answer"}, "Called back: no answer"),
        ("option_approved", {"amount": "500.00"}, "Solution approved, worth 500.00 yuan"),
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
