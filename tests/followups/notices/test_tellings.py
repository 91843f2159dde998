"""What the desk told by itself stands in the conversation, for staff and for the customer, once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.conversation.tellings import of
from complaints.models import Complaint
from followups import clock
from followups.delivery import delivery
from followups.models import Notice
from followups.telling import saying
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import token_of

HOUR = timedelta(hours=1)
State = Notice.State


@pytest.fixture
def desk(client, cast):
    client.force_login(cast.handler)
    return client


def case_page(client, complaint) -> str:
    return client.get(reverse("complaints:case", args=[complaint.reference])).content.decode()


def customers_page(client, complaint) -> str:
    return client.get(reverse("complaints:public_status", args=[token_of(complaint)])).content.decode()


def deliver():
    Notice.objects.exclude(to_customer=True).delete()
    Notice.objects.update(not_before=clock.now())
    delivery.run(budget_seconds=5)


def test_a_new_case_is_not_one_in_which_nothing_was_said(desk, visitor, cast, at):
    complaint = logged(cast, at)
    page = case_page(desk, complaint)
    assert "Nothing was said yet" not in page
    assert "We have your complaint" in page
    assert "e-mail, not sent yet" in page
    assert "is on its way by e-mail" in customers_page(visitor, complaint)


def test_once_it_left_it_stands_there_with_its_words_and_without_the_key(desk, visitor, cast, at):
    complaint = logged(cast, at, language="zh-hans")
    deliver()
    page = case_page(desk, complaint)
    assert "e-mail, accepted by the mail server" in page
    assert '<p lang="zh-Hans">' in page
    assert "感谢您告诉我们" in page
    assert token_of(complaint) not in page.partition('id="entries"')[2].partition("</ol>")[0]
    assert "感谢您告诉我们" in customers_page(visitor, complaint)


def test_what_did_not_arrive_says_so(desk, visitor, cast, at):
    complaint = logged(cast, at)
    Notice.objects.update(state=State.DEAD, last_error="550 SECRET no such mailbox")
    assert "e-mail, could not be delivered" in case_page(desk, complaint)
    public = customers_page(visitor, complaint)
    assert "our e-mail did not get through" in public
    assert "SECRET" not in public


def test_what_a_person_wrote_stands_there_once_with_what_became_of_its_mail(desk, visitor, cast, at):
    complaint = at_stage(cast, "assigned", at)
    messages.say(
        complaint.pk, kind="public", body="The pump is measured today", actor=Actor.staff(cast.handler), at=at + HOUR
    )
    deliver()
    for page in (case_page(desk, complaint), customers_page(visitor, complaint)):
        assert page.count("The pump is measured today") == 1
        assert "We wrote to you:" not in page
    assert Notice.objects.get(event="customer_message").words == ""


def test_what_staff_are_told_is_no_part_of_the_conversation(visitor, cast, at):
    complaint = at_stage(cast, "assigned", at)
    assert Notice.objects.filter(complaint=complaint, person__isnull=False).exists()
    said = [one for one in of(complaint, for_staff=False) if not one.by]
    assert len(said) == Notice.objects.filter(complaint=complaint, to_customer=True).count()


def test_of_somebody_without_any_way_nothing_is_said_to_have_been_told(desk, cast, at):
    complaint = logged(cast, at, email="", phone="", wishes_no_contact=True)
    assert of(complaint, for_staff=True) == []
    assert "Nothing was said yet" in case_page(desk, complaint)


def test_what_is_to_be_said_by_phone_is_no_mail_on_its_way(desk, visitor, cast, at):
    complaint = logged(cast, at, email="")
    (to_say,) = of(complaint, for_staff=True)
    assert (to_say.state, to_say.state_for_customer) == (
        "not told yet: somebody has to call",
        "we want to tell you by phone",
    )
    for page in (case_page(desk, complaint), customers_page(visitor, complaint)):
        assert "e-mail, not sent" not in page
        assert "on its way by e-mail" not in page
    owed = Notice.objects.get(complaint=complaint, state=Notice.State.TO_SAY)
    saying.said(complaint.pk, notice_ids=[owed.pk], way="phone", actor=Actor.staff(cast.frontline), at=at)
    (said,) = of(Complaint.objects.get(pk=complaint.pk), for_staff=True)
    assert said.state.startswith("told by phone")
    assert said.state_for_customer == "told you by phone"


def test_it_costs_staff_no_question_and_the_customer_one(cast, at, django_assert_num_queries):
    complaint = logged(cast, at)
    with django_assert_num_queries(1):
        of(complaint, for_staff=True)
        of(complaint, for_staff=True)
    with django_assert_num_queries(1):
        of(complaint, for_staff=False)
