from datetime import timedelta

import pytest
from django.utils import translation

from complaints.case.actors import Actor
from followups.escalation import escalations
from followups.models import Notice
from followups.notices import appeal_rules, bell, bell_words
from followups.outbox import notices
from tests.cases import at_stage, logged
from tests.followups.notices.test_mails import EVENTS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def complaint(cast, at):
    complaint = at_stage(cast, "assigned", at)
    Notice.objects.all().delete()
    return complaint


def tell(person, complaint, at, event="reply_received", data=None, key="") -> Notice:
    key = key or f"occasion:{Notice.objects.count()}"
    notices.tell_person(person, event, complaint=complaint, key=key, data=data or {}, at=at)
    return Notice.objects.get(key=f"{key}:person:{person.pk}")


def lines_of(person, now) -> list[bell.Line]:
    return bell.lines(list(bell.notices_of(person, now).order_by("-id")), person, now)


def test_what_is_unseen_is_counted_for_each_person_and_no_further_than_needed(cast, complaint, at):
    for _number in range(12):
        tell(cast.handler, complaint, at)
    tell(cast.colleague, complaint, at)
    assert bell.unseen(cast.handler) == bell.MOST_COUNTED + 1
    assert bell.unseen(cast.colleague) == 1
    assert bell.unseen(cast.director) == 0


def test_the_customers_mail_is_under_nobodys_bell(cast, complaint, at):
    notices.tell_customer(complaint, "customer_resolved", key="c", data={}, at=at)
    assert Notice.objects.exists()
    assert bell.unseen(cast.handler) == 0
    assert lines_of(cast.handler, at) == []


def test_it_is_seen_once_and_the_first_time_counts(cast, complaint, at):
    notice = tell(cast.handler, complaint, at)
    bell.see(notice, at=at + HOUR)
    bell.see(notice, at=at + DAY)
    notice.refresh_from_db()
    assert notice.seen_at == at + HOUR
    assert bell.unseen(cast.handler) == 0


def test_all_are_seen_up_to_the_newest_that_stood_there(cast, complaint, at):
    tell(cast.handler, complaint, at)
    shown = tell(cast.handler, complaint, at)
    tell(cast.colleague, complaint, at, key="colleague")
    later = tell(cast.handler, complaint, at)
    bell.see_all(cast.handler, up_to=shown.pk, at=at + HOUR)
    assert list(Notice.objects.filter(person=cast.handler, seen_at=None)) == [later]
    assert bell.unseen(cast.colleague) == 1


def test_what_was_seen_goes_after_ninety_days_and_what_was_not_stays(cast, complaint, at):
    seen, unseen = tell(cast.handler, complaint, at), tell(cast.handler, complaint, at)
    bell.see(seen, at=at)
    assert len(lines_of(cast.handler, at + 90 * DAY)) == 2
    assert [line.notice for line in lines_of(cast.handler, at + 91 * DAY)] == [unseen]


def test_every_event_that_people_are_told_of_has_a_sentence():
    said = bell_words.SENTENCES | appeal_rules.SENTENCES
    assert set(said) == {event for event in EVENTS if not event.startswith("customer_")}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_sentence_says_what_happened(cast, complaint, at, language):
    said = {"kind": "visit", "words": "The technician comes", "due_at": (at + DAY).isoformat()}
    for event in ("promise_warned", "promise_broken"):
        tell(cast.handler, complaint, at, event, said)
    tell(cast.handler, complaint, at, "promise_warned", said | {"words": ""})
    with translation.override(language):
        bare, broken, warned = (line.words for line in lines_of(cast.handler, at))
    day = "Thu 19 Nov, 10:00" if language == "en" else "11月19日（周四）10:00"
    assert day in warned
    assert "The technician comes" in warned
    assert "The technician comes" in broken
    assert warned != broken
    assert "The technician comes" not in bare


def test_an_escalation_is_to_be_signed_until_somebody_did(cast, complaint, at):
    actor = Actor.staff(cast.handler)
    escalation = escalations.escalate_by_hand(complaint.pk, note="Shouts", tried="Talked", actor=actor, at=at)
    assert [line.words for line in lines_of(cast.supervisor, at)] == [
        "Sign for it by Wed 18 Nov, 11:00: Asked for by staff."
    ]
    escalations.sign(escalation.pk, note="", actor=Actor.staff(cast.director), at=at)
    assert [line.words for line in lines_of(cast.supervisor, at)] == [
        "Nothing is left to sign for: Asked for by staff."
    ]


def test_a_line_names_the_case_to_who_may_see_it(cast, complaint, at):
    tell(cast.handler, complaint, at)
    (line,) = lines_of(cast.handler, at)
    assert (line.reference, line.subject) == (complaint.reference, complaint.subject)


def test_about_a_case_out_of_sight_nothing_is_told_save_that_it_went_away(cast, complaint, at):
    for event in ("reply_received", "taken_away"):
        tell(cast.stranger, complaint, at, event)
    gone, other = lines_of(cast.stranger, at)
    assert (gone.words, gone.reference) == ("This complaint was handed over to somebody else.", complaint.reference)
    assert (other.words, other.reference) == ("About a complaint that you can no longer see.", "")
    assert gone.subject == other.subject == ""


def test_who_is_named_in_the_case_later_reads_nothing_of_it(cast, complaint, at):
    said = {"kind": "visit", "words": "SECRET", "due_at": at.isoformat()}
    tell(cast.handler, complaint, at, "promise_broken", said)
    complaint.named_people.add(cast.handler)
    (line,) = lines_of(cast.handler, at)
    assert "SECRET" not in line.words
    assert line.subject == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_lines_cost_the_same_for_one_and_for_three(cast, at, rows, django_assert_num_queries):
    for _number in range(rows):
        complaint = logged(cast, at)
        actor = Actor.staff(cast.frontline)
        escalations.escalate_by_hand(complaint.pk, note="Shouts", tried="Talked", actor=actor, at=at)
    told = list(Notice.objects.filter(person=cast.supervisor, event="escalated"))
    assert len(told) == rows
    # What the person may reach, the cases, the escalations, who is named in the cases.
    with django_assert_num_queries(4):
        bell.lines(told, cast.supervisor, at)
