"""What staff and the customer read of text messages: how they went, in how many parts, and what waits."""

from datetime import timedelta

import pytest

from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.models import Complaint, Customer
from followups import clock
from followups.delivery import delivery, receipts
from followups.delivery.sms import texter
from followups.delivery.sms.account import Receipt
from followups.models import Notice, SmsTemplate
from followups.notices.tellings import of
from followups.telling import saying
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import token_of
from tests.followups.sms_sink import SmsSink

State = Notice.State


@pytest.fixture
def sink(settings):
    with SmsSink() as sink:
        settings.SMS, settings.SMS_QUIET_HOURS = sink.account, None
        yield sink


def said(complaint) -> tuple[str, str]:
    (one,) = of(Complaint.objects.get(pk=complaint.pk), for_staff=True)
    return one.state, one.state_for_customer


def test_on_its_way_accepted_on_the_phone(cast, now, sink):
    complaint = logged(cast, now, email="")
    assert said(complaint) == ("text message, not sent yet", "is on its way as a text message")
    delivery.run(budget_seconds=10)
    state, for_customer = said(complaint)
    assert state.startswith("text message (3 parts), accepted by the provider ")
    assert for_customer == "sent by text message"
    notice = Notice.objects.get(complaint=complaint, to_customer=True)
    arrived = Receipt(number="8613900004417", delivered=True, ref=notice.send_ref)
    receipts.take(arrived, at=clock.now())
    assert said(complaint)[0].startswith("text message (3 parts), on the phone")


def test_waiting_for_the_morning_it_says_until_when(cast, at, settings, sink):
    settings.SMS_QUIET_HOURS = (9 * 60, 11 * 60, True)
    complaint = logged(cast, at, email="")
    assert said(complaint)[0] == "text message, waits until Wed 18 Nov, 11:00"


@pytest.mark.parametrize(
    ("mode", "words", "for_customer"),
    [
        ((422, "number_invalid", ""), "text message, could not be delivered", "our text message did not get through"),
        ("drop", "text message, outcome unknown: not sent again", "our text message did not get through"),
    ],
)
def test_what_did_not_arrive_says_so(cast, now, sink, mode, words, for_customer, monkeypatch):
    monkeypatch.setattr(texter, "ANSWER_S", 0.5)
    sink.mode = mode
    complaint = logged(cast, now, email="")
    delivery.run(budget_seconds=10)
    first = of(Complaint.objects.get(pk=complaint.pk), for_staff=True)[0]
    assert first.state.startswith(words)
    assert first.state_for_customer == for_customer
    assert first.failed


def test_the_words_stand_in_the_conversation_without_the_key(client, cast, now, sink):
    complaint = logged(cast, now, email="", language="zh-hans")
    delivery.run(budget_seconds=10)
    client.force_login(cast.handler)
    page = client.get(f"/complaints/{complaint.reference}/").content.decode()
    assert "【泾禾能源】已收到您的投诉" in page
    assert token_of(complaint) not in page.partition('id="entries"')[2].partition("</ol>")[0]


class TestTheComposer:
    def page(self, client, cast, now, **given) -> str:
        complaint = at_stage(cast, "assigned", now, **given)
        client.force_login(cast.handler)
        return client.get(f"/complaints/{complaint.reference}/").content.decode()

    def test_it_says_how_much_goes_out_by_text_message(self, client, cast, now, sink):
        english = self.page(client, cast, now, email="")
        assert "Goes to 139 0000 4417 by text message, in at most 3 parts: up to" in english
        abroad = self.page(client, cast, now, email="", phone="+852 9123 4567")
        assert "Goes to +852 9123 4567 by text message, in one part: up to" in abroad
        assert "in at most 2 parts: up to" in self.page(client, cast, now, email="", language="zh-hans")

    def test_of_registered_texts_only_the_link_goes_out(self, client, cast, now, sink):
        SmsTemplate.objects.create(event="customer_message", language="en", template_id="1", text="See ${code}")
        assert "the customer gets the link and reads there what you wrote" in self.page(client, cast, now, email="")

    def test_where_mail_goes_out_it_says_nothing(self, client, cast, now, sink, settings):
        assert "by text message" not in self.page(client, cast, now)
        settings.SMS = {}
        assert "by text message" not in self.page(client, cast, now, email="")

    def test_who_wants_to_be_called_is_called(self, client, cast, now, sink):
        page = self.page(client, cast, now, way="call")
        assert "They want to be called." in page

    def test_where_no_text_arrives_it_says_so(self, client, cast, now, sink):
        complaint = at_stage(cast, "assigned", now, email="")
        Customer.objects.update(sms_failed_at=now)
        client.force_login(cast.handler)
        page = client.get(f"/complaints/{complaint.reference}/").content.decode()
        assert "Text messages to them do not arrive." in page

    def test_a_text_to_whom_none_arrives_is_a_call_with_its_reason(self, cast, now, sink):
        sink.mode = (422, "number_invalid", "")
        complaint = logged(cast, now, email="")
        delivery.run(budget_seconds=10)
        (call,) = saying.call_list(cast.supervisor, most=5)
        assert (call.complaint, call.why) == (complaint, "Text messages to this customer do not arrive")

    def test_the_call_list_says_who_wants_to_be_called(self, cast, now, sink):
        logged(cast, now, way="call")
        (call,) = saying.call_list(cast.supervisor, most=5)
        assert call.why == "The customer wants to be called"


def test_a_short_message_of_staff_is_told_by_its_own_words(cast, now, sink):
    complaint = at_stage(cast, "assigned", now, email="")
    Notice.objects.update(state=State.SHOWN)
    minute = now + timedelta(minutes=10)
    messages.say(complaint.pk, kind="public", body="Which card?", actor=Actor.staff(cast.handler), at=minute)
    Notice.objects.filter(event="customer_message").update(not_before=now)
    delivery.run(budget_seconds=10)
    assert "Which card?" in sink.taken[0]["text"]
    assert Notice.objects.get(event="customer_message").words == ""
