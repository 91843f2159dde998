"""Every notice to a customer by every way: what must follow from what becomes of it (SPEC, "Told is evidence")."""

from datetime import timedelta

import pytest
from django.db import transaction

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint, Customer
from followups import clock
from followups.delivery import delivery
from followups.models import Escalation, Notice, Promise, Telling
from followups.models.promise import PromiseKind
from followups.notices import appeal_rules, mails, truth
from followups.promises import duties
from followups.telling import records, saying
from tests.cases import logged
from tests.followups.due import history_is_whole
from tests.followups.notices.causes import (
    BOUNCES,
    CAUSES,
    EMAIL,
    MAIL,
    NO_CONTACT,
    ONLY_MAIL,
    ONLY_PHONE,
    PHONE,
    WAYS,
    caused,
    message,
    notice_of,
    reopened,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
State = Notice.State
SURE = frozenset({"record", "hours", "authority"})
KINDS = sorted(CAUSES)
# The question whether it is solved is asked in the call that every result is owed anyway.
ASKED_IN_THE_CALL = "customer_resolved"
# Whoever is called hears it then; nobody is called for it alone.
CONFIRMED_IN_WRITING = {"customer_handler", "customer_promised", "customer_archived"}


def to_say(complaint, event) -> list[Notice]:
    return list(Notice.objects.filter(complaint=complaint, event=event, state=State.TO_SAY))


def call_of(complaint) -> Promise | None:
    return complaint.promises.filter(kind=PromiseKind.TELL, state=Promise.State.OPEN).first()


def refused(notice, error="550 no such user"):
    """The mail server refuses it for good."""
    Notice.objects.filter(pk=notice.pk).update(state=State.DEAD, last_error=error)
    records.settle(notice.pk, at=clock.now())


def bounce(complaint, notice, why="mailbox full"):
    with transaction.atomic():
        records.fail(Complaint.objects.get(pk=complaint.pk), notice, why=why, at=clock.now())


def must_be_called(complaint, event):
    """Somebody calls, by when, and a date of the call is a duty of ours."""
    (owed,) = to_say(complaint, event)
    call = call_of(complaint)
    assert (owed.channel, call.to_customer) == ("call", False)
    assert call.due_at > clock.now()
    assert call.warn_at is None or call.warn_at < call.due_at
    assert duties.audit() == []
    assert history_is_whole(complaint)
    return owed


def test_the_table_holds_every_kind():
    assert sorted(event for event in truth.RULES | appeal_rules.RULES if event.startswith("customer_")) == KINDS


@pytest.mark.parametrize("event", KINDS)
class TestEveryKind:
    def test_by_mail_it_is_sent_and_recorded_and_nobody_calls(self, cast, now, event):
        complaint = caused(event, MAIL, cast, now)
        Notice.objects.filter(to_customer=True).update(not_before=clock.now())
        delivery.run(budget_seconds=10)
        notice = notice_of(complaint, event)
        assert notice.state == State.SENT, notice.last_error or notice.dropped_because
        telling = Telling.objects.get(notice=notice)
        assert (telling.way, telling.evidence, telling.at) == ("email", "accepted", notice.sent_at)
        assert telling.address == EMAIL
        assert (to_say(complaint, event), call_of(complaint)) == ([], None)
        assert not complaint.escalations.filter(reason=Escalation.Reason.UNTOLD).exists()

    def test_refused_for_good_it_is_a_call_and_a_signature(self, cast, now, event):
        complaint = caused(event, BOUNCES, cast, now)
        notice = notice_of(complaint, event)
        refused(notice)
        owed = must_be_called(complaint, event)
        assert (owed.address, owed.data) == (PHONE, notice.data)
        assert complaint.escalations.get(key=f"untold:{notice.pk}").note == "550 no such user"
        assert not Telling.objects.filter(notice=notice).exists()
        # The result was told by phone: that the question about it bounced does not untell it.
        assert (Complaint.objects.get(pk=complaint.pk).status == Status.RESOLVED) is (event == "customer_resolved")

    def test_what_comes_back_later_takes_back_what_it_kept(self, cast, now, event):
        complaint = caused(event, BOUNCES, cast, now)
        notice = notice_of(complaint, event)
        Notice.objects.filter(pk=notice.pk).update(state=State.SENT, sent_at=clock.now())
        records.settle(notice.pk, at=clock.now())
        kept = list(Telling.objects.get(notice=notice).kept.all())
        assert bool(kept) is (event in ("customer_message", "customer_appeal_decided"))
        bounce(complaint, Notice.objects.get(pk=notice.pk))
        must_be_called(complaint, event)
        telling = Telling.objects.get(notice=notice)
        assert (telling.undone_because, telling.kept.count()) == ("mailbox full", 0)
        for promise in kept:
            promise.refresh_from_db()
            assert (promise.state, promise.kept_at) == (Promise.State.OPEN, None)
        assert Customer.objects.get(pk=complaint.customer_id).email_failed_at == clock.now()

    def test_refused_twice_it_is_one_call(self, cast, now, event):
        complaint = caused(event, BOUNCES, cast, now)
        notice = notice_of(complaint, event)
        refused(notice)
        bounce(complaint, notice)
        must_be_called(complaint, event)
        assert complaint.promises.filter(kind=PromiseKind.TELL).count() == 1

    def test_without_a_phone_somebody_tells_it_in_person_or_by_letter(self, cast, now, event):
        complaint = caused(event, ONLY_MAIL, cast, now)
        refused(notice_of(complaint, event))
        owed = must_be_called(complaint, event)
        actor = Actor.staff(cast.supervisor)
        saying.said(complaint.pk, notice_ids=[owed.pk], way="letter", actor=actor, at=clock.now() + MINUTE)
        assert Telling.objects.get(notice=owed).evidence == "handed_over"
        assert to_say(complaint, event) == []

    def test_with_a_phone_only_it_is_a_call_until_it_is_said(self, cast, now, event):
        complaint = caused(event, ONLY_PHONE, cast, now)
        if event == ASKED_IN_THE_CALL:
            assert not Notice.objects.filter(complaint=complaint, event=event).exists()
            assert complaint.callbacks.get().state == "open"
            return
        if event in CONFIRMED_IN_WRITING:
            assert not Notice.objects.filter(complaint=complaint, event=event).exists()
            return
        owed = must_be_called(complaint, event)
        actor = Actor.staff(cast.supervisor)
        standing = list(Notice.objects.filter(complaint=complaint, state=State.TO_SAY).values_list("pk", flat=True))
        saying.said(complaint.pk, notice_ids=standing, way="phone", actor=actor, at=clock.now() + MINUTE)
        telling = Telling.objects.get(notice=owed)
        assert (telling.way, telling.evidence, telling.address) == ("phone", "spoken", PHONE)
        assert telling.words
        assert (to_say(complaint, event), call_of(complaint)) == ([], None)
        assert duties.audit() == []

    def test_who_wishes_no_contact_is_told_nothing(self, cast, now, event):
        complaint = caused(event, NO_CONTACT, cast, now)
        assert not Notice.objects.filter(complaint=complaint, to_customer=True).exists()
        assert not complaint.promises.filter(kind=PromiseKind.TELL).exists()
        assert duties.audit() == []

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_its_words_by_phone_have_no_greeting_no_link_and_no_page(self, cast, now, event, language):
        complaint = caused(event, BOUNCES, cast, now, language=language)
        notice = notice_of(complaint, event)
        refused(notice)
        owed = must_be_called(complaint, event)
        words = mails.spoken_words(owed, clock.now())
        assert len(words) > 10
        written = mails.words_of(notice, clock.now()).text
        assert written.splitlines()[0] not in words.splitlines(), "the greeting"
        for never in ("http", "/c/", "page", "页面", "below", "下面", cast.company.phone, "{{", "{%", "None"):
            assert never not in words
        if event != "customer_message":
            chinese = any("一" <= letter <= "鿿" for letter in words)
            assert chinese is (language == "zh-hans")


class TestOneCustomerIsOneCall:
    def test_several_things_of_several_cases_are_one_call(self, cast, now):
        phone = WAYS[ONLY_PHONE]
        first, other = message(cast, now, **phone), reopened(cast, now, **phone)
        stranger = logged(cast, now, phone="138 1111 2222", email="")
        calls = {call.complaint.customer.phone_key: call for call in saying.call_list(cast.supervisor, most=50)}
        assert len(calls) == 2
        call = calls[first.customer.phone_key]
        owed = list(saying.owed_to(cast.supervisor, other))
        assert {notice.complaint_id for notice in owed} == {first.pk, other.pk}
        assert owed == list(saying.owed_to(cast.supervisor, first))
        assert set(call.things) >= {"We have your complaint", "News on your complaint", "We work on it again"}
        due = Promise.objects.filter(kind=PromiseKind.TELL, complaint__in=[first, other]).order_by("due_at")
        assert call.due_at == due.first().due_at
        assert stranger.pk not in {notice.complaint_id for notice in owed}

    def test_said_in_one_case_it_stays_owed_in_the_other(self, cast, now):
        phone = WAYS[ONLY_PHONE]
        first, other = logged(cast, now, **phone), logged(cast, now, **phone)
        mine = to_say(first, "customer_acknowledged")[0]
        actor = Actor.staff(cast.frontline)
        saying.said(first.pk, notice_ids=[mine.pk], way="phone", actor=actor, at=clock.now() + MINUTE)
        assert [notice.complaint_id for notice in saying.owed_to(cast.frontline, first)] == [other.pk]
        assert call_of(first) is None
        assert call_of(other) is not None

    def test_of_a_case_that_one_may_not_see_nothing_is_in_the_call(self, cast, now):
        logged(cast, now, **WAYS[ONLY_PHONE])
        assert saying.call_list(cast.stranger, most=50) == []
        assert len(saying.call_list(cast.frontline, most=50)) == 1
