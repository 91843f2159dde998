"""Confirmed in writing: who looks after it, what was promised, that it is closed; once, and while it is so."""

from datetime import timedelta

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.steps import lifecycle
from followups import clock
from followups.models import Notice
from followups.notices import mails, truth
from followups.promises import promises
from tests.cases import assignment_data, at_stage

MINUTE = timedelta(minutes=1)
SURE = frozenset({"record", "hours", "authority"})


def told(complaint, event) -> list[Notice]:
    return list(Notice.objects.filter(complaint=complaint, event=event).order_by("pk"))


def assigned(cast, at, **more) -> Complaint:
    complaint = at_stage(cast, Status.VERIFIED, at)
    data = assignment_data(cast) | {"severity": complaint.severity} | more
    lifecycle.perform(complaint.pk, "assign", actor=Actor.staff(cast.supervisor), at=at + 9 * MINUTE, data=data)
    return Complaint.objects.get(pk=complaint.pk)


def why_not(notice: Notice) -> str:
    return truth.why_not(notice, truth.fresh_facts(notice, clock.now()))


def test_the_mail_names_who_looks_after_it_and_what_comes_by_when(cast, now):
    complaint = assigned(cast, now)
    (notice,) = told(complaint, "customer_handler")
    read = mails.words_of(notice, clock.now())
    assert read.subject == f"Li Min looks after your complaint {complaint.reference}"
    assert "Li Min (Hexi Road station) looks after your complaint from now on, and answers for it." in read.text
    assert "What happens next:" in read.text
    assert why_not(notice) == ""


def test_in_a_queue_nobody_is_named_and_who_takes_it_is(cast, now):
    complaint = assigned(cast, now, handler=None)
    assert told(complaint, "customer_handler") == []
    lifecycle.perform(complaint.pk, "take", actor=Actor.staff(cast.handler), at=now + 10 * MINUTE, data={})
    (notice,) = told(complaint, "customer_handler")
    assert notice.data == {"handler": cast.handler.pk}


def test_who_had_it_before_is_not_told_any_more(cast, now):
    complaint = assigned(cast, now)
    data = {"handler": None, "team": cast.hexi, "reason": "Li Min is on leave"}
    lifecycle.perform(complaint.pk, "reassign", actor=Actor.staff(cast.supervisor), at=now + 20 * MINUTE, data=data)
    (notice,) = told(complaint, "customer_handler")
    assert why_not(notice) == Notice.Dropped.OVER


def test_new_dates_and_new_hands_are_one_mail(cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    (notice,) = told(complaint, "customer_dates_changed")
    assert told(complaint, "customer_handler") == []
    assert "Li Min looks after it." in mails.words_of(notice, clock.now()).text


def test_a_promise_in_words_is_confirmed_until_it_moves_and_one_of_the_policies_is_not(cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    assert told(complaint, "customer_promised") == [], "what policies promise stands in every message"
    visit = {"kind": "visit", "words": "The technician comes", "due_at": now + timedelta(days=3), "confirmed": SURE}
    actor = Actor.staff(cast.supervisor)
    promise = promises.make(complaint.pk, **visit, actor=actor, at=now + 10 * MINUTE)
    promises.make(complaint.pk, **visit, actor=actor, at=now + 10 * MINUTE)
    (notice,) = told(complaint, "customer_promised")
    assert "We promise you: The technician comes, by " in mails.words_of(notice, clock.now()).text
    assert why_not(notice) == ""
    moved = {"due_at": now + timedelta(days=5), "reason": "The part is late", "confirmed": SURE}
    promises.move(promise.pk, **moved, actor=actor, at=now + 11 * MINUTE)
    assert why_not(notice) == Notice.Dropped.OVER


def test_what_is_promised_among_us_is_no_message(cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    visit = {"kind": "visit", "words": "The technician comes", "due_at": now + timedelta(days=3), "confirmed": SURE}
    promises.make(complaint.pk, **visit, to_customer=False, actor=Actor.staff(cast.supervisor), at=now + 10 * MINUTE)
    assert told(complaint, "customer_promised") == []


def test_closed_is_said_with_the_way_back_and_not_once_it_is_open_again(cast, now):
    complaint = at_stage(cast, Status.ARCHIVED, now)
    (notice,) = told(complaint, "customer_archived")
    read = mails.words_of(notice, clock.now())
    assert read.subject == f"Your complaint {complaint.reference} is closed"
    assert "you can say so on the page below" in read.text
    data = {"reason": "It leaks again", "basis": "still_a_problem"}
    actor = Actor.staff(cast.supervisor)
    lifecycle.perform(complaint.pk, "reopen", actor=actor, at=now + 30 * MINUTE, data=data)
    assert why_not(notice) == Notice.Dropped.OVER
